/**
 * Reads a person's recommendations in pages, which are cached. A cached page is used if its version equals
 * that of the database. One statement reads the version without reading a page.
 */
import type { Answered, Cache } from '../../runtime/cache/caches.ts';
import type { Sql } from '../../runtime/database/database.ts';
import {
  listRecommendations,
  type RecommendationPage,
} from '../../insight/recommendations/list-recommendations.ts';
import {
  type RecommendationRow,
  type StoredRecommendation,
  toRecommendation,
} from '../../insight/recommendations/read-recommendation.ts';
import { readRecommendationVersion } from '../../insight/recommendations/read-recommendation-version.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { defaultLimit } from '../lists/pagination.ts';
import type { PersonRef } from '../../values/refs.ts';

/** Pages by their query, at most `keptPages` for a person. */
type Kept = { version: string; pages: Record<string, RecommendationRow[]> };
const keptPages = 8;
/** One more than is shown, to see whether there is a next page. */
const firstPage: RecommendationPage = { status: 'suggested', limit: defaultLimit + 1, after: null };

type Listed = { found: StoredRecommendation[]; locale: string };
type Dependencies = Pick<HttpDependencies, 'db' | 'clock' | 'caches'>;

export class CachedRecommendations {
  readonly #deps: Dependencies;
  readonly #cache: Cache<Kept> | null;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#cache = deps.caches?.open('recommendations') ?? null;
  }

  /** Those worth most first, with the person's locale. */
  list(person: PersonRef, page: RecommendationPage): Promise<Listed> {
    if (this.#cache)
      return this.#cache.answer(keyOf(person), (recalled) => this.#read(person, page, recalled));
    return this.#read(person, page).then(({ answer }) => answer);
  }

  /** Fills the cache with the page that is requested first. */
  async warm(person: PersonRef): Promise<void> {
    await this.#cache?.warm(keyOf(person), async () => {
      const { learned = null } = await this.#read(person, firstPage);
      return learned;
    });
  }

  #read(person: PersonRef, page: RecommendationPage, recalled?: Kept): Promise<Answered<Listed, Kept>> {
    return this.#inTenant(person, async (sql, now) => {
      const { version, locale } = await readRecommendationVersion(sql, person, now);
      const known = recalled?.version === version ? recalled.pages : {};
      const rows = known[keyOfPage(page)];
      if (rows) return { answer: listed(rows, locale, now) };
      const read = await listRecommendations(sql, person, page, now);
      const pages = Object.entries({ ...known, [keyOfPage(page)]: read }).slice(-keptPages);
      return { answer: listed(read, locale, now), learned: { version, pages: Object.fromEntries(pages) } };
    });
  }

  async localeOf(person: PersonRef): Promise<string> {
    const { locale } = await this.#inTenant(person, (sql, now) =>
      readRecommendationVersion(sql, person, now),
    );
    return locale;
  }

  /** Must be called after every change of a person's recommendations. */
  forget(person: PersonRef): void {
    this.#cache?.forget(keyOf(person));
  }

  /** As `forget`, and resolves when it is done. */
  async erase(person: PersonRef): Promise<void> {
    await this.#cache?.erase(keyOf(person));
  }

  #inTenant<T>({ tenantId }: PersonRef, work: (sql: Sql, now: Temporal.Instant) => Promise<T>): Promise<T> {
    const { db, clock } = this.#deps;
    return db.transaction([tenantId], (sql) => work(sql, clock.now()));
  }
}

const listed = (rows: readonly RecommendationRow[], locale: string, now: Temporal.Instant): Listed => ({
  found: rows.map((row) => toRecommendation(row, now)),
  locale,
});

/** Tenant ids all have the same length, so no two people share a key. */
const keyOf = ({ tenantId, userId }: PersonRef): string => `${tenantId}:${userId}`;

const keyOfPage = ({ status, categoryId, limit, after }: RecommendationPage): string =>
  JSON.stringify([status, categoryId ?? null, limit, after?.worth ?? null, after?.id ?? null]);
