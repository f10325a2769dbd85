/**
 * The content security policy for third-party pages. They may load files from this service only, so no web
 * fonts and no telemetry.
 */
import type { onRequestAsyncHookHandler } from 'fastify';

const policy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export const allowOwnSourcesOnly: onRequestAsyncHookHandler = async (_request, reply) => {
  reply.header('content-security-policy', policy).header('referrer-policy', 'no-referrer');
};
