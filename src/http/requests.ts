/** Adds an id, safe headers, a histogram entry and a log line to every request. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../runtime/metrics.ts';
import { Problem } from './errors/problem.ts';

/** A name or address, and a port. Pages are built with it. */
const hostShape = /^(?:[\w.-]*|\[[\da-fA-F:.]+\])(?::\d{1,5})?$/;

const safeId = /^[\w.:-]{1,128}$/;

/** The caller's `x-request-id` if it is safe to log, or else a new id. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && safeId.test(given) ? given : randomUUID();
}

export function observeRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
    // The route is checked, because a request target may be a whole URL.
    const path = request.routeOptions.url ?? request.url;
    if (path.startsWith('/api/')) reply.header('cache-control', 'no-store');
    refuseEncodedBody(request.headers['content-encoding']);
    if (!hostShape.test(request.headers.host ?? ''))
      throw new Problem(400, { detail: 'The host is malformed.' });
  });
  app.addHook('onResponse', async (request, reply) => {
    // A live stream stays open for as long as its reader, so its duration says nothing.
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
