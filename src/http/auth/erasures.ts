/**
 * Knows which people were erased, so that their older tokens are refused. A tenant's erasures are read at most once in
 * five seconds. Another process refuses such a token within that time.
 */
import { readTokensFrom } from '../../accounts/erased-people.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { HttpDependencies } from '../dependencies.ts';
import type { Claims } from './tokens.ts';
import { TtlCache } from './ttl-cache.ts';

const remembered = { maxAgeMs: 5_000, maxSize: 10_000 };

type TokensFrom = ReadonlyMap<string, Temporal.Instant>;
type Dependencies = Pick<HttpDependencies, 'db' | 'hashPerson'>;

export class Erasures {
  readonly #deps: Dependencies;
  /** By tenant. Holds promises, so that concurrent requests share one look-up. */
  readonly #recent = new TtlCache<Promise<TokensFrom>>(remembered);

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** The time before which tokens of this person were issued in vain; null if the person was not erased. */
  async find(person: PersonRef): Promise<Temporal.Instant | null> {
    const { tenantId } = person;
    return this.#of(person, await (this.#recent.get(tenantId) ?? this.#lookUp(tenantId)));
  }

  /** Whether the person was erased after the token was issued. */
  async has(token: Claims): Promise<boolean> {
    return isErased(token, await this.find(token));
  }

  /** As `find`, from the database. */
  async findNow(sql: Sql, person: PersonRef): Promise<Temporal.Instant | null> {
    return this.#of(person, await readTokensFrom(sql, person.tenantId));
  }

  /** Must be called after an erasure, so that this process knows of it at once. */
  forget(tenantId: string): void {
    this.#recent.delete(tenantId);
  }

  #of(person: PersonRef, tokensFrom: TokensFrom): Temporal.Instant | null {
    if (tokensFrom.size === 0) return null;
    return tokensFrom.get(this.#deps.hashPerson(person).toString('hex')) ?? null;
  }

  #lookUp(tenantId: string): Promise<TokensFrom> {
    const lookUp = this.#deps.db.transaction([tenantId], (sql) => readTokensFrom(sql, tenantId));
    this.#recent.set(tenantId, lookUp);
    lookUp.catch(() => this.forget(tenantId));
    return lookUp;
  }
}

/** Whether a token was issued before its person was erased. `tokensFrom`: null if that never happened. */
export const isErased = ({ issuedAt }: Claims, tokensFrom: Temporal.Instant | null): boolean =>
  tokensFrom !== null && (issuedAt === null || Temporal.Instant.compare(issuedAt, tokensFrom) < 0);
