/** Authenticates people: `Authorization: Bearer <JWT>`. The first valid token of a person registers them. */
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { registerUser } from '../../accounts/people.ts';
import type { HttpDependencies } from '../dependencies.ts';
import type { Claims } from './tokens.ts';
import { bearerOf } from './bearer.ts';
import type { EndedTokens } from './ended-tokens.ts';
import { type Erasures, isErased } from './erasures.ts';
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

type Checks = { ended: EndedTokens; erasures: Erasures; refused: RefusedSignIns };

/** An older token must not bring a person back who was erased. */
class Erased extends Error {}

/** An `onRequest` hook. It answers 401 without a valid token of an existing tenant that has not been ended. */
export function requirePerson(
  { db, clock, tokens }: HttpDependencies,
  { ended, erasures, refused }: Checks,
): onRequestAsyncHookHandler {
  const registered = new TtlCache<true>(registeredFor);
  /** Reads the erasures anew, in the transaction that registers. */
  const register = (person: Claims): Promise<boolean> =>
    db.transaction([person.tenantId], async (sql) => {
      const tenantExists = await registerUser(sql, person, clock.now());
      if (isErased(person, await erasures.findNow(sql, person))) throw new Erased();
      return tenantExists;
    });
  const isRegistered = async (person: Claims): Promise<boolean> => {
    const tokensFrom = await erasures.find(person);
    if (isErased(person, tokensFrom)) return false;
    const key = `${tokensFrom?.toString() ?? ''} ${person.tenantId} ${person.userId}`;
    if (registered.get(key)) return true;
    try {
      const tenantExists = await register(person);
      if (tenantExists) registered.set(key, true);
      return tenantExists;
    } catch (error) {
      if (error instanceof Erased) return false;
      throw error;
    }
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
