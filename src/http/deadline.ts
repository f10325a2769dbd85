/**
 * Limits how long a request waits, mostly for a database that hangs. It is then answered with 503, and its
 * work may still complete. Fastify's own `handlerTimeout` does not cover a request whose body has been read.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { unavailable } from './errors/problem.ts';

/** Counted from the headers, so it includes receiving the body. */
const answerWithinMs = 15_000;

export function answerInTime(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const timer = setTimeout(() => {
      if (reply.sent) return;
      // Who is still sending the body would be read for as long as it takes.
      if (!request.raw.complete) endAfterAnswer(reply);
      void reply.send(unavailable('The answer took too long.'));
    }, answerWithinMs);
    reply.raw.once('close', () => clearTimeout(timer));
  });
}

function endAfterAnswer(reply: FastifyReply): void {
  void reply.header('connection', 'close');
  reply.raw.once('finish', () => reply.raw.socket?.destroySoon());
}
