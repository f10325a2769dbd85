/** What the pages made by others may load: what this service serves itself; no web fonts, nothing that phones home. */
import type { onRequestAsyncHookHandler } from 'fastify';

const policy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "frame-ancestors 'none'",
].join('; ');

export const allowOwnSourcesOnly: onRequestAsyncHookHandler = async (_request, reply) => {
  reply.header('content-security-policy', policy);
};
