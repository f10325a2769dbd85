/** People: `Authorization: Bearer <JWT>`. The first valid token of a person registers them. */
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { registerUser } from '../../accounts/register-user.ts';
import type { HttpDependencies } from '../dependencies.ts';
import type { Claims } from './tokens.ts';
import { bearerOf, unauthorized } from './bearer.ts';
import { TtlCache } from './ttl-cache.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Set on routes behind `requirePerson`, and only there. */
    person: Claims;
  }
}

/** A person known to be registered is not registered again by this process for an hour. */
const registeredFor = { maxAgeMs: 3_600_000, maxSize: 100_000 };

/** An `onRequest` hook: 401 without a valid token of a tenant that exists. */
export function requirePerson({ db, clock, tokens }: HttpDependencies): onRequestAsyncHookHandler {
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
    if (!claims || !(await isRegistered(claims))) throw unauthorized(credential, 'token');
    request.person = claims;
  };
}

/** Makes room for what the hooks set, so that every request has one shape. */
export function decorateCallers(app: FastifyInstance): void {
  app.decorateRequest('person');
  app.decorateRequest('service');
}
