/** Reads the `Authorization: Bearer` header, and says 401 as RFC 6750 wants it said. */
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problem.ts';

const bearer = /^Bearer +([^\s]+) *$/i;

/** The credential, or null where there is none of this scheme. */
export const bearerOf = (request: FastifyRequest): string | null =>
  bearer.exec(request.headers.authorization ?? '')?.[1] ?? null;

/** One 401 for every reason: what exactly is wrong with a credential is not its bearer's business. */
export const unauthorized = (credential: string | null, detail: string): Problem =>
  new Problem(401, {
    detail,
    headers: {
      'www-authenticate': credential
        ? 'Bearer realm="spendwatch", error="invalid_token"'
        : 'Bearer realm="spendwatch"',
    },
  });
