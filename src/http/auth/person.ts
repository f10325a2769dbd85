/** Authenticates people: `Authorization: Bearer <JWT>`. The first valid token of a person registers them. */
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { registerUser } from '../../accounts/people.ts';
import type { HttpDependencies } from '../dependencies.ts';
import type { Claims } from './tokens.ts';
import { bearerOf } from './bearer.ts';
import type { EndedTokens } from './ended-tokens.ts';
import type { RefusedSignIns } from './refused-sign-ins.ts';
import { TtlCache } from './ttl-cache.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The person who sent the request. Set only on routes behind `requirePerson`. */
    person: Claims;
  }
}

/** This process registers a person at most once an hour. */
const registeredFor = { maxAgeMs: 3_600_000, maxSize: 100_000 };

/** An `onRequest` hook. It answers 401 without a valid token of an existing tenant that has not been ended. */
export function requirePerson(
  { db, clock, tokens }: HttpDependencies,
  ended: EndedTokens,
  refused: RefusedSignIns,
): onRequestAsyncHookHandler {
  const registered = new TtlCache<true>(registeredFor);
  const isRegistered = async ({ tenantId, userId }: Claims): Promise<boolean> => {
    const key = `${tenantId} ${userId}`;
    if (registered.get(key)) return true;
    const tenantExists = await db.transaction([tenantId], (sql) =>
      registerUser(sql, { tenantId, userId }, clock.now()),
    );
    if (tenantExists) registered.set(key, true);
    return tenantExists;
  };
  return async (request) => {
    const credential = bearerOf(request);
    const claims = credential === null ? null : await tokens.verify(credential);
    if (!claims || (await ended.has(claims)) || !(await isRegistered(claims)))
      throw await refused.answer(request, credential, 'token');
    request.person = claims;
  };
}

/** Declares the properties that the hooks set, so that all requests have the same shape. */
export function decorateCallers(app: FastifyInstance): void {
  app.decorateRequest('person');
  app.decorateRequest('service');
}
