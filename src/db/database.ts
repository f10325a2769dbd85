/**
 * The connection to PostgreSQL. Owns the pool and the transaction with its retries; what is read and
 * written stands in `queries/`. Statements go through Kysely, bound to MikroORM's pool and entities.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { MikroORM } from '@mikro-orm/postgresql';
import type { Log } from '../log.ts';
import { entities } from './entities/index.ts';
import { PreparingClient } from './preparing-client.ts';

const openOrm = (url: string, log: Log, poolSize: number) =>
  MikroORM.init({
    entities: [...entities],
    clientUrl: url,
    pool: { min: 0, max: poolSize },
    driverOptions: {
      application_name: 'spendwatch',
      keepAlive: true,
      connectionTimeoutMillis: 5000,
      Client: PreparingClient,
    },
    logger: (message) => log.warn({ component: 'mikro-orm' }, message),
    colors: false,
  });

type Orm = Awaited<ReturnType<typeof openOrm>>;
type EntityManager = ReturnType<Orm['em']['fork']>;

/** A Kysely over the entities' tables, bound to the pool or to one transaction. */
export type Sql = ReturnType<typeof kyselyOf>;

const kyselyOf = (em: EntityManager) => em.getKysely();

/** Thrown inside a transaction to have it rolled back and run again from the start. */
export class RetryTransaction extends Error {}

const maxTries = 6;
/** serialization_failure, deadlock_detected. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const retryable = new Set(['40001', '40P01']);

export class Database {
  readonly #orm: Orm;
  readonly #log: Log;

  private constructor(orm: Orm, log: Log) {
    this.#orm = orm;
    this.#log = log;
  }

  static async open(options: { url: string; log: Log; poolSize?: number }): Promise<Database> {
    return new Database(await openOrm(options.url, options.log, options.poolSize ?? 10), options.log);
  }

  /** Single statements, each its own transaction. */
  get sql(): Sql {
    return kyselyOf(this.#orm.em.fork());
  }

  /**
   * Runs `work` in one READ COMMITTED transaction; deadlocks, serialisation failures and
   * `RetryTransaction` run it again, so it must touch nothing but the database.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#retrying(() => this.#orm.em.fork().transactional((em) => work(kyselyOf(em))));
  }

  /** For work whose statements may each commit by themselves: run again like a transaction, without being one. */
  statements<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#retrying(() => work(this.sql));
  }

  async #retrying<T>(work: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await work();
      } catch (error) {
        if (tried >= maxTries || !isRetryable(error)) throw error;
        this.#log.debug({ tried, err: error }, 'runs again');
        await delay(tried * 5 * (1 + Math.random()));
      }
    }
  }

  /** Resolves once a trivial statement was answered; rejects with the reason where it is not. */
  async ping(): Promise<void> {
    const check = await this.#orm.checkConnection();
    if (!check.ok) throw new Error(check.reason);
  }

  async close(): Promise<void> {
    await this.#orm.close();
  }
}

/** Whether running the same transaction again may succeed. */
export const isRetryable = (error: unknown): boolean =>
  error instanceof RetryTransaction || retryable.has(sqlState(error) ?? '');

/** The SQLSTATE of a PostgreSQL error, however it was wrapped. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string' && error.code.length === 5) return error.code;
  return 'cause' in error ? sqlState(error.cause) : undefined;
}
