/** Tells tokens that have ended before their time. What is known of a tenant is read again after five seconds. */
import { machineNow } from '../../runtime/clock.ts';
import { readRevocations, type Revocations } from '../../accounts/token-revocations.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { longestAgeSeconds, type Claims } from './tokens.ts';
import { TtlCache } from './ttl-cache.ts';

const remembered = { maxAgeMs: 5_000, maxSize: 10_000 };

export class EndedTokens {
  readonly #db: HttpDependencies['db'];
  /** Holds promises, so that concurrent requests share one query. */
  readonly #recent = new TtlCache<Promise<Revocations | null>>(remembered);

  constructor({ db }: Pick<HttpDependencies, 'db'>) {
    this.#db = db;
  }

  /** True also if the tenant does not exist. One query serves all people of a tenant. */
  async has({ tenantId, userId, issuedAt, keyId }: Claims): Promise<boolean> {
    const revocations = await (this.#recent.get(tenantId) ?? this.#read(tenantId));
    if (!revocations) return true;
    const { tenantFrom, peopleFrom, keyIds } = revocations;
    if (keyId !== null && keyIds.has(keyId)) return true;
    const own = peopleFrom.get(userId) ?? null;
    return [tenantFrom, own].some((from) => from !== null && isBefore(issuedAt, from));
  }

  #read(tenantId: string): Promise<Revocations | null> {
    const since = machineNow().subtract({ seconds: longestAgeSeconds });
    const reading = readRevocations(this.#db, tenantId, since);
    this.#recent.set(tenantId, reading);
    reading.catch(() => this.#recent.delete(tenantId));
    return reading;
  }
}

const isBefore = (issuedAt: Temporal.Instant | null, from: Temporal.Instant): boolean =>
  issuedAt === null || Temporal.Instant.compare(issuedAt, from) < 0;
