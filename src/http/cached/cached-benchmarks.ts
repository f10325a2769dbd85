/**
 * Reads benchmarks for people, cached for a day. A cached benchmark is verified each time. The statement that
 * finds the category returns the versions of the rows, and they are read again if the versions differ.
 */
import type { Cache } from '../../runtime/cache/caches.ts';
import { readBenchmarks, readBenchmarkVersion } from '../../insight/benchmarks/read-benchmarks.ts';
import { publish, type PublishedBenchmark, type StoredBenchmark } from '../../insight/decide/benchmark.ts';
import type { HttpDependencies } from '../dependencies.ts';

type Dependencies = Pick<HttpDependencies, 'db' | 'caches'>;

/** A null `month` asks for the latest. */
type Asked = { tenantId: string; categoryId: string; month: string | null };
type Kept = { version: string; month: string; rows: StoredBenchmark[] };

export class CachedBenchmarks {
  readonly #db: Dependencies['db'];
  readonly #cache: Cache<Kept> | null;

  constructor({ db, caches }: Dependencies) {
    this.#db = db;
    this.#cache = caches?.open('benchmarks') ?? null;
  }

  /** `month` is its first day, or null for the latest. Returns null if there is no benchmark. */
  async find(tenantId: string, categoryId: string, month: string | null): Promise<PublishedBenchmark | null> {
    const asked = { tenantId, categoryId, month };
    if (!this.#cache) return publishedOf(await this.#read(asked));
    return this.#cache.answer(keyOf(asked), async (recalled) => {
      const found = await this.#read(asked, recalled);
      const answer = publishedOf(found);
      return found && found !== recalled ? { answer, learned: found } : { answer };
    });
  }

  /** Fills the cache with the latest benchmark. */
  async warm(tenantId: string, categoryId: string): Promise<void> {
    const asked = { tenantId, categoryId, month: null };
    await this.#cache?.warm(keyOf(asked), () => this.#read(asked));
  }

  /** Returns `recalled` itself if it is still current. */
  #read({ tenantId, categoryId, month }: Asked, recalled?: Kept): Promise<Kept | null> {
    return this.#db.transaction([tenantId], async (sql) => {
      const found = await readBenchmarkVersion(sql, tenantId, categoryId, month);
      if (!found) return null;
      if (recalled?.version === found.version) return recalled;
      const rows = await readBenchmarks(sql, tenantId, found.benchmarkKey, found.month);
      return { version: found.version, month: found.month, rows };
    });
  }
}

const keyOf = ({ tenantId, categoryId, month }: Asked): string =>
  `${tenantId}:${month ?? 'latest'}:${categoryId}`;

function publishedOf(kept: Kept | null): PublishedBenchmark | null {
  const row = kept?.rows.find(({ month }) => month === kept.month);
  return row && kept ? publish(row, kept.rows) : null;
}
