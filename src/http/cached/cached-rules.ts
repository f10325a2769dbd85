/**
 * Reads rules for their people. Definitions are cached, spending never is. The statement that reads spending
 * also checks that every cached definition is current. So an outdated budget is never shown, even if the
 * cache missed a change.
 */
import type { Cache } from '../../runtime/cache/caches.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { listRules, type RulePage } from '../../alerts/rules/list-rules.ts';
import { readKnownRules } from '../../alerts/rules/read-known-rules.ts';
import { readRuleDefinitions } from '../../alerts/rules/read-rule-definitions.ts';
import type { RuleProgress, StoredRule } from '../../alerts/rules/read-progress.ts';
import type { HttpDependencies } from '../dependencies.ts';
import type { PersonRef } from '../../values/refs.ts';

/** The longest page. Further rules of a person are read from the database. */
const keptRules = 200;

type Dependencies = Pick<HttpDependencies, 'db' | 'clock' | 'caches'>;

export class CachedRules {
  readonly #deps: Dependencies;
  readonly #cache: Cache<StoredRule[]> | null;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#cache = deps.caches?.open('rules') ?? null;
  }

  /** Newest first. */
  list(person: PersonRef, page: RulePage): Promise<RuleProgress[]> {
    if (!this.#cache) return this.#inTenant(person, (sql, now) => listRules(sql, person, page, now));
    return this.#cache.answer(keyOf(person), (recalled) =>
      this.#inTenant(person, async (sql, now) => {
        const proven = recalled && (await readKnownRules(sql, person, page, recalled, now));
        if (proven) return { answer: proven };
        const learned = await readRuleDefinitions(sql, person, keptRules);
        return { answer: await listRules(sql, person, page, now), learned };
      }),
    );
  }

  /** Undefined if the person has no such rule. */
  async find(person: PersonRef, ruleId: string): Promise<RuleProgress | undefined> {
    const [progress] = await this.list(person, { ruleId, limit: 1, after: null });
    return progress;
  }

  /** Must be called after every change of a person's rules or time zone. */
  forget(person: PersonRef): void {
    this.#cache?.forget(keyOf(person));
  }

  /** As `forget`, and resolves when it is done. */
  async erase(person: PersonRef): Promise<void> {
    await this.#cache?.erase(keyOf(person));
  }

  async warm(person: PersonRef): Promise<void> {
    await this.#cache?.warm(keyOf(person), () =>
      this.#inTenant(person, (sql) => readRuleDefinitions(sql, person, keptRules)),
    );
  }

  #inTenant<T>({ tenantId }: PersonRef, work: (sql: Sql, now: Temporal.Instant) => Promise<T>): Promise<T> {
    const { db, clock } = this.#deps;
    return db.transaction([tenantId], (sql) => work(sql, clock.now()));
  }
}

/** Tenant ids all have the same length, so no two people share a key. */
const keyOf = ({ tenantId, userId }: PersonRef): string => `${tenantId}:${userId}`;
