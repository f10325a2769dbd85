/** What every request gets: an id, safe headers, its time in the histogram, a line in the log. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../runtime/metrics.ts';
import { Problem } from './errors/problem.ts';

const safeId = /^[\w.:-]{1,128}$/;

/** The caller's `x-request-id` where it can be logged safely, else one of our own. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && safeId.test(given) ? given : randomUUID();
}

export function observeRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
    // By its route: a request may name a whole URL as its target.
    const path = request.routeOptions.url ?? request.url;
    if (path.startsWith('/api/')) reply.header('cache-control', 'no-store');
    refuseEncodedBody(request.headers['content-encoding']);
  });
  app.addHook('onResponse', async (request, reply) => {
    // A live stream lasts as long as somebody looks.
    if (reply.getHeader('content-type') === 'text/event-stream') return;
    const { method } = request;
    const route = request.routeOptions.url ?? 'none';
    const status = String(reply.statusCode);
    metrics.requestSeconds.observe({ method, route, status }, reply.elapsedTime / 1000);
    request.log.debug({ method, route, status, ms: reply.elapsedTime }, 'answered');
  });
}

function refuseEncodedBody(encoding: string | undefined): void {
  if (encoding !== undefined && encoding !== 'identity')
    throw new Problem(415, { detail: 'Bodies are taken as they are, without a content-encoding.' });
}
