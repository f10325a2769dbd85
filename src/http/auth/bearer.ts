/** Reads the `Authorization: Bearer` header and builds the 401 answer of RFC 6750. */
import type { FastifyRequest } from 'fastify';
import { Problem } from '../errors/problem.ts';

const bearer = /^Bearer +([^\s]+) *$/i;

/** The credential, or null if there is none of this scheme. */
export const bearerOf = (request: FastifyRequest): string | null =>
  bearer.exec(request.headers.authorization ?? '')?.[1] ?? null;

const kinds = {
  key: { name: 'an API key', wrong: 'The API key is not known, or was revoked.' },
  token: { name: 'a person’s token', wrong: 'The token is not valid, or has expired.' },
};

type Kind = keyof typeof kinds;

const jwtShape = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Null if it looks like neither kind. */
function kindOf(credential: string): Kind | null {
  if (credential.startsWith('swk_')) return 'key';
  return jwtShape.test(credential) ? 'token' : null;
}

function detailOf(credential: string | null, wanted: Kind): string {
  const needed = `${kinds[wanted].name} is needed here`.replace('a', 'A');
  if (credential === null) return `${needed}, as "Authorization: Bearer …": none was sent.`;
  const sent = kindOf(credential) ?? wanted;
  return sent === wanted ? kinds[wanted].wrong : `${needed}: ${kinds[sent].name} was sent.`;
}

/**
 * The answer names the wanted kind of credential and the kind that was sent, which the sender knows anyway.
 * It does not say why a credential of the right kind is wrong.
 */
export const unauthorized = (credential: string | null, wanted: Kind): Problem =>
  new Problem(401, {
    detail: detailOf(credential, wanted),
    headers: {
      'www-authenticate': credential
        ? 'Bearer realm="spendwatch", error="invalid_token"'
        : 'Bearer realm="spendwatch"',
    },
  });
