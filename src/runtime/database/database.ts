/**
 * The connection to PostgreSQL. Owns the pool and the transaction with its retries; the statements stand beside the
 * code that uses them. They go through Kysely, bound to MikroORM's pool and entities.
 */
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { MikroORM } from '@mikro-orm/postgresql';
import { type RawBuilder, sql as statement } from 'kysely';
import { escapeLiteral, type QueryResultRow } from 'pg';
import type { Log } from '../log.ts';
import { serviceRole } from './admit-service.ts';
import { type Ears, Listener } from './listener.ts';
import { entities } from './entities/index.ts';
import { tenantsSetting } from './entities/row-security.ts';
import { PreparingClient } from './preparing-client.ts';
import { runTransaction } from './transaction.ts';
import { sqlState } from './sql-state.ts';
import { isUnreachable } from './unreachable.ts';
import { TooLate, within } from '../within.ts';

/**
 * Longer than any statement takes. Without it a network that drops every packet would block a connection and its
 * caller until TCP gives up after 15 minutes.
 */
const silentAtMostMs = 120_000;

function openSocket(silentAtMost: number): Socket {
  const socket = new Socket();
  socket.setTimeout(silentAtMost, () =>
    socket.destroy(new Error(`PostgreSQL was silent for ${silentAtMost / 1000} s`)),
  );
  return socket;
}

type OpenOptions = { url: string; log: Log; poolSize?: number; silentAtMostMs?: number };

const openOrm = ({ url, log, poolSize = 10, silentAtMostMs: silence = silentAtMostMs }: OpenOptions) =>
  MikroORM.init({
    entities: [...entities],
    clientUrl: url,
    pool: { min: 0, max: poolSize },
    driverOptions: {
      application_name: 'spendwatch',
      options: `-c role=${serviceRole}`,
      keepAlive: true,
      connectionTimeoutMillis: 5000,
      Client: PreparingClient,
      pipeline: true,
      stream: () => openSocket(silence),
    },
    logger: (message) => log.warn({ component: 'mikro-orm' }, message),
    colors: false,
  });

type Orm = Awaited<ReturnType<typeof openOrm>>;
type EntityManager = ReturnType<Orm['em']['fork']>;

/** Kysely over the entities' tables, bound to the pool or to one transaction. */
export type Sql = ReturnType<typeof kyselyOf>;

const kyselyOf = (em: EntityManager) => em.getKysely();

/** Throw it inside a transaction to roll back and run again from the start. */
export class RetryTransaction extends Error {}

const closeWithinMs = 3_000;

const maxTries = 6;
/** serialization_failure, deadlock_detected. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const retryable = new Set(['40001', '40P01']);
const lockNotAvailable = '55P03';

export class Database {
  readonly #orm: Orm;
  readonly #options: OpenOptions;
  readonly #lockTimeoutMs: number | null;
  /** Single statements, each in its own transaction, for tables without a tenant. They see no tenant's rows. */
  readonly sql: Sql;

  private constructor(orm: Orm, options: OpenOptions, lockTimeoutMs: number | null) {
    this.#orm = orm;
    this.#options = options;
    this.#lockTimeoutMs = lockTimeoutMs;
    this.sql = kyselyOf(orm.em.fork());
  }

  static async open(options: OpenOptions): Promise<Database> {
    return new Database(await openOrm(options), options, null);
  }

  /**
   * The same connections, for work that must not wait long for others. A transaction that waits longer for one lock fails
   * with SQLSTATE 55P03 (`isLockTimeout`). Only one of the two is closed.
   */
  withLockTimeout(ms: number): Database {
    return new Database(this.#orm, this.#options, ms);
  }

  /**
   * Runs `work` in one READ COMMITTED transaction that sees and writes the rows of these tenants alone. Deadlocks,
   * serialisation failures and `RetryTransaction` run it again, up to six times in all. So `work` must touch nothing
   * but the database. Statements that `work` issues together take one round trip.
   */
  transaction<T>(tenantIds: readonly string[], work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#retrying(() => runTransaction(this.sql, this.#settings(tenantIds), work));
  }

  /**
   * Runs one statement as a transaction of these tenants, as `transaction` does, and returns its rows. It takes one round
   * trip, where a transaction that waits for each answer takes two.
   */
  statement<Row extends QueryResultRow>(
    tenantIds: readonly string[],
    query: RawBuilder<Row>,
  ): Promise<Row[]> {
    const { sql: text, parameters } = query.compile(this.sql);
    return this.#retrying(async () => {
      const pool = await this.#orm.em.getConnection().getNativeClient();
      const client = await pool.connect();
      if (!(client instanceof PreparingClient)) throw new Error('the pool made a client of another kind');
      let lost = false;
      try {
        return await client.queryInTransaction<Row>(this.#settings(tenantIds), text, parameters);
      } catch (error) {
        lost = sqlState(error) === undefined;
        throw error;
      } finally {
        client.release(lost);
      }
    });
  }

  /**
   * They are local to the transaction, so they hold behind a pooler that shares connections or drops start-up options. They
   * travel with its `begin`, and cost no round trip.
   */
  #settings(tenantIds: readonly string[]): string {
    const tenants = `set local ${tenantsSetting} = ${escapeLiteral(`{${tenantIds.join()}}`)}`;
    return this.#lockTimeoutMs === null
      ? tenants
      : `${tenants};set local lock_timeout = ${this.#lockTimeoutMs}`;
  }

  async #retrying<T>(work: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await work();
      } catch (error) {
        if (tried >= maxTries || !isRetryable(error)) throw error;
        this.#options.log.debug({ tried, err: error }, 'runs again');
        await delay(tried * 5 * (1 + Math.random()));
      }
    }
  }

  /** Hears the payloads of channels, until it is closed. */
  listen(ears: Ears): Listener {
    return new Listener(this.#options, ears);
  }

  /**
   * Resolves once PostgreSQL answers in the session that row-level security needs: with the service's role, and with the
   * tenants of the transaction. Rejects with the reason otherwise; a pooler may drop the one or the other.
   */
  async ping(): Promise<void> {
    const [session] = await this.statement<{ role: string; tenants: string | null }>(
      [nobody],
      statement`select current_user::text as role, current_setting(${tenantsSetting}, true) as tenants`,
    );
    if (session?.role !== serviceRole)
      throw new Error(`the connection does not act as ${serviceRole}: ${mendPooler}`);
    if (session.tenants !== `{${nobody}}`)
      throw new Error('the tenants of a transaction do not reach it: let the pooler keep transactions whole');
  }

  /** A connection may never end if the server went first. After three seconds such connections are left open. */
  async close(): Promise<void> {
    try {
      await within(closeWithinMs, this.#orm.close());
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      this.#options.log.warn('closed with connections to PostgreSQL that did not end');
    }
  }
}

/** The id of no tenant. */
const nobody = '00000000-0000-0000-0000-000000000000';

const mendPooler =
  'let the pooler pass on the start-up parameter "options", or set the role of the login by ALTER ROLE … SET role';

/** True if running the same transaction again may succeed. */
const isRetryable = (error: unknown): boolean =>
  error instanceof RetryTransaction || retryable.has(sqlState(error) ?? '');

/** True if a transaction of a database `withLockTimeout` waited too long for a lock. It was rolled back. */
export const isLockTimeout = (error: unknown): boolean => sqlState(error) === lockNotAvailable;

/**
 * SQLSTATE classes of data_exception, integrity_constraint_violation and raise_exception.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const dataFaults = /^(?:22|23|P0)/;

/**
 * True if the rows at hand are at fault: a wrong value, or code that cannot handle one. Any other error is the database's,
 * such as a lost connection, a lock timeout, no space or a missing right.
 */
export function isDataFault(error: unknown): boolean {
  if (isRetryable(error) || isUnreachable(error)) return false;
  const state = sqlState(error);
  return state === undefined || dataFaults.test(state);
}
