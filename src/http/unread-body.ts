/**
 * The rest of a body whose request is answered already, such as one without a signature. Node would read all of it, for as
 * long as it drips. To close at once would lose the answer, because unread bytes reset the connection. So of a stranger's
 * body a part is read and thrown away, which is enough for most. The rest stays unread, and the connection is closed after
 * a while. A service that is refused for now keeps its connection: all of its body is read.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const readAtMostBytes = 128 * 1024;
const closeAfterMs = 5_000;

export function discardUnreadBodies(app: FastifyInstance): void {
  app.addHook('onSend', async ({ raw, service }) => {
    if (!raw.complete) discard(raw, isKnown(service) ? Infinity : readAtMostBytes);
  });
}

/** Only routes that ask for a key set it, once it was found. */
const isKnown = (service: FastifyRequest['service'] | null | undefined): boolean => Boolean(service);

function discard(body: IncomingMessage, atMostBytes: number): void {
  const timer = setTimeout(() => body.destroy(), closeAfterMs);
  let bytes = 0;
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > atMostBytes) body.pause();
  });
  body.once('close', () => clearTimeout(timer));
}
