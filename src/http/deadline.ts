/**
 * Bounds how long a request waits, for a database that hangs most likely: it is answered with 503, and what it
 * asked for may still happen. Fastify's own `handlerTimeout` forgets a request once its body has been read.
 */
import type { FastifyInstance } from 'fastify';
import { unavailable } from './errors/problem.ts';

/** From the headers on, so the body has to arrive in it too. */
const answerWithinMs = 15_000;

export function answerInTime(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    const timer = setTimeout(() => {
      if (!reply.sent) void reply.send(unavailable('The answer took too long.'));
    }, answerWithinMs);
    reply.raw.once('close', () => clearTimeout(timer));
  });
}
