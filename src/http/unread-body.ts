/**
 * The rest of a body whose request is answered already, such as one without a signature. Node would read all of it, for as
 * long as it drips. To close at once would lose the answer, because unread bytes reset the connection. So a part is read
 * and thrown away, which is enough for most bodies. The rest stays unread, and the connection is closed after a while.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

const readAtMostBytes = 128 * 1024;
const closeAfterMs = 5_000;

export function discardUnreadBodies(app: FastifyInstance): void {
  app.addHook('onSend', async ({ raw }) => {
    if (!raw.complete) discard(raw);
  });
}

function discard(body: IncomingMessage): void {
  const timer = setTimeout(() => body.destroy(), closeAfterMs);
  let bytes = 0;
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > readAtMostBytes) body.pause();
  });
  body.once('close', () => clearTimeout(timer));
}
