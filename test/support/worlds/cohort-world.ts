/** Writes the spending of a tenant's people straight into the tables, and reads the benchmarks made from it. */
import { sql as statement } from 'kysely';
import type { Database } from '../../../src/runtime/database/database.ts';
import { computeBenchmarks } from '../../../src/insight/benchmarks/compute-benchmarks.ts';
import { createTenant } from '../../../src/accounts/tenants.ts';
import { putCategory } from '../../../src/accounts/categories.ts';
import { start } from './alerts/batches.ts';

export const october = '2026-10-01';

export type Spent = { userId: string; minor: bigint; category?: string; day?: string; currency?: string };

export type BenchmarkRow = {
  benchmark_key: string;
  currency: string;
  cohort_size: number;
  mean: string;
  standard_deviation: string | null;
  p10: string;
  p25: string;
  median: string;
  p75: string;
  p90: string;
  updated_at: string;
};

export type PersonRow = { user_id: string; spent_minor: string | null; percentile_rank: string | null };

/** A tenant with spending people; `db` is the connection of the service. */
export class CohortWorld {
  readonly tenantId: string;
  readonly #db: Database;

  private constructor(db: Database, tenantId: string) {
    this.#db = db;
    this.tenantId = tenantId;
  }

  static async make(
    db: Database,
    {
      currency = 'USD',
      benchmarks = 'opt-out',
    }: { currency?: string; benchmarks?: 'opt-out' | 'opt-in' } = {},
  ): Promise<CohortWorld> {
    const draft = { name: 'Test', timezone: 'UTC', currency, benchmarks };
    return new CohortWorld(db, (await createTenant(db, draft, start)).tenantId);
  }

  /** Adds expenses with their daily totals, and registers their people and categories. */
  async spend(...spent: Spent[]): Promise<void> {
    const column = <T>(read: (each: Spent) => T): T[] => spent.map(read);
    await this.#db.transaction([this.tenantId], (sql) =>
      statement`
        with given as materialized (
          select gen_random_uuid()::text as id, * from unnest(
            ${column(({ userId }) => userId)}::text[],
            ${column(({ category }) => category ?? 'food')}::text[],
            ${column(({ day }) => day ?? october)}::date[],
            ${column(({ currency }) => currency ?? 'USD')}::text[],
            ${column(({ minor }) => minor.toString())}::bigint[]
          ) as given (user_id, category_id, day, currency, amount_minor)
        ), people as (
          insert into users (tenant_id, id, registered_at)
          select distinct ${this.tenantId}::uuid, user_id, now() from given on conflict do nothing
        ), kinds as (
          insert into categories (tenant_id, id)
          select distinct ${this.tenantId}::uuid, category_id from given on conflict do nothing
        ), days as (
          insert into daily_spend as known (tenant_id, user_id, day, category_id, currency, amount_minor,
            expense_count)
          select ${this.tenantId}::uuid, user_id, day, category_id, currency, sum(amount_minor), count(*)
          from given group by user_id, day, category_id, currency
          on conflict (tenant_id, user_id, day, category_id, currency) do update
          set amount_minor = known.amount_minor + excluded.amount_minor,
            expense_count = known.expense_count + excluded.expense_count
        )
        insert into expenses (tenant_id, id, event_time, event_id, event_source, user_id, category_id,
          amount_minor, currency, spent_at, day)
        select ${this.tenantId}::uuid, id, now(), id, 'test', user_id, category_id, amount_minor, currency, day, day
        from given`.execute(sql),
    );
  }

  consents(userId: string, consent: boolean | null): Promise<unknown> {
    return this.#write(statement`
      update users set benchmark_consent = ${consent} where tenant_id = ${this.tenantId} and id = ${userId}`);
  }

  rate(date: string, base: string, currency: string, rate: string): Promise<unknown> {
    return this.#write(statement`
      insert into fx_rates (tenant_id, date, base, currency, rate)
      values (${this.tenantId}, ${date}, ${base}, ${currency}, ${rate})`);
  }

  counts(categoryId: string, benchmarkKey: string | null): Promise<unknown> {
    return this.#db.transaction([this.tenantId], (sql) =>
      putCategory(sql, { tenantId: this.tenantId, categoryId }, { benchmarkKey }),
    );
  }

  keepsIn(currency: string): Promise<unknown> {
    return this.#write(statement`update tenants set currency = ${currency} where id = ${this.tenantId}`);
  }

  compute(month = october, now = start): Promise<number> {
    return computeBenchmarks(this.#db, this.tenantId, month, now);
  }

  async benchmarks(month = october): Promise<BenchmarkRow[]> {
    return this.#rows<BenchmarkRow>(statement`
      select * from spending_benchmarks
      where tenant_id = ${this.tenantId} and month = ${month}::date
      order by benchmark_key`);
  }

  /** Reads the benchmark under a key; throws if there is none. */
  async benchmark(key = 'food', month = october): Promise<BenchmarkRow> {
    const found = (await this.benchmarks(month)).find(({ benchmark_key }) => benchmark_key === key);
    if (!found) throw new Error(`there is no benchmark ${key}`);
    return found;
  }

  /** Reads the people of a benchmark's cohort. */
  people(key = 'food', month = october): Promise<PersonRow[]> {
    return this.#rows<PersonRow>(statement`
      select p.user_id, own.spent_minor, own.percentile_rank
      from benchmark_people p
      cross join unnest(p.benchmark_keys, p.spent_minor, p.percentile_ranks)
        as own (benchmark_key, spent_minor, percentile_rank)
      where p.tenant_id = ${this.tenantId} and p.month = ${month}::date and own.benchmark_key = ${key}
        and own.percentile_rank is not null
      order by p.user_id`);
  }

  async #rows<Row>(query: ReturnType<typeof statement>): Promise<Row[]> {
    // The caller names the row type of its own statement.
    return (await this.#db.transaction([this.tenantId], (sql) => query.execute(sql))).rows as Row[];
  }

  #write(query: ReturnType<typeof statement>): Promise<unknown> {
    return this.#db.transaction([this.tenantId], (sql) => query.execute(sql));
  }
}

/** Lists people `p01`, `p02` and so on, each with an amount of their own. */
export const spenders = (count: number, minorOf = (nth: number) => 1000n * BigInt(nth)): Spent[] =>
  Array.from({ length: count }, (_, index) => ({
    userId: `p${String(index + 1).padStart(2, '0')}`,
    minor: minorOf(index + 1),
  }));
