/**
 * Limits how long a request waits, mostly for a database that hangs. It is then answered with 503, and its
 * work may still complete. Fastify's own `handlerTimeout` does not cover a request whose body has been read.
 */
import type { FastifyInstance } from 'fastify';
import { unavailable } from './errors/problem.ts';

/** Counted from the headers, so it includes receiving the body. */
const answerWithinMs = 15_000;

/**
 * A request's transaction waits at most so long for one lock. It then gives its connection back, and the request is
 * answered with 503 before its deadline.
 */
export const lockTimeoutMs = 5_000;

export function answerInTime(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    const timer = setTimeout(() => {
      if (reply.sent || reply.raw.headersSent) return;
      void reply.send(unavailable('The answer took too long.'));
    }, answerWithinMs);
    reply.raw.once('close', () => clearTimeout(timer));
  });
}
