/**
 * Authenticates services: `Authorization: Bearer swk_…`. Keys are cached for five seconds, so ingest needs no
 * query per request. A revoked key stops working within that time.
 */
import { createHash } from 'node:crypto';
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { type ApiKey, findApiKey } from '../../accounts/api-keys.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { notFound } from '../errors/problem.ts';
import { bearerOf } from './bearer.ts';
import type { RefusedSignIns } from './refused-sign-ins.ts';
import { TtlCache } from './ttl-cache.ts';

type Scope = ApiKey['scope'];

declare module 'fastify' {
  interface FastifyRequest {
    /** The tenant and id of the key. Set only on routes behind `ApiKeys.require`. */
    service: { tenantId: string; keyId: string };
  }
}

const keyShape = /^swk_[A-Za-z0-9_-]{43}$/;
const rememberedMs = 5_000;
const rememberedKeys = 10_000;

export class ApiKeys {
  readonly #db: HttpDependencies['ingestDb'];
  readonly #refused: RefusedSignIns;
  /** Holds promises, so that concurrent requests share one lookup. */
  readonly #recent = new TtlCache<Promise<ApiKey | null>>({
    maxAgeMs: rememberedMs,
    maxSize: rememberedKeys,
  });

  constructor({ ingestDb }: Pick<HttpDependencies, 'ingestDb'>, refused: RefusedSignIns) {
    this.#db = ingestDb;
    this.#refused = refused;
  }

  /**
   * An `onRequest` hook. It answers 401 without an active key, and 404 if the key's scope is not sufficient.
   */
  require(scope: Scope): onRequestAsyncHookHandler {
    return async (request) => {
      const key = await this.#keyOf(request);
      if (scope === 'admin' && key.scope !== 'admin') throw notFound();
      request.service = { tenantId: key.tenantId, keyId: key.id };
    };
  }

  async #keyOf(request: FastifyRequest): Promise<ApiKey> {
    const credential = bearerOf(request);
    const key = credential !== null && keyShape.test(credential) ? await this.#find(credential) : null;
    if (!key) throw await this.#refused.answer(request, credential, 'key');
    return key;
  }

  #find(text: string): Promise<ApiKey | null> {
    return this.#recent.get(text) ?? this.#lookUp(text);
  }

  /** Only found keys stay cached. Unknown keys and failed lookups do not. */
  #lookUp(text: string): Promise<ApiKey | null> {
    const lookUp = findApiKey(this.#db.sql, createHash('sha256').update(text).digest());
    this.#recent.set(text, lookUp);
    const forget = () => this.#recent.delete(text);
    lookUp.then((key) => key ?? forget(), forget);
    return lookUp;
  }
}
