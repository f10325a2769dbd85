/**
 * A transaction on one connection of Kysely's pool. Unlike Kysely's own, it sends a statement without waiting for the
 * answers to earlier ones. So statements that are issued together, as with `Promise.all`, take one round trip.
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  DummyDriver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  Transaction,
} from 'kysely';
import { allOf } from './all-of.ts';

const driver = new DummyDriver();

/** The connection is given, so the driver has nothing to do. */
const dialect: Dialect = {
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => driver,
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
};

/**
 * Begins with `settings`, of `set local`, and runs `work`. Commits, or rolls back if `work` fails, and throws its error.
 * Statements reach the server in the order in which they are issued.
 */
export const runTransaction = <Tables, T>(
  pool: Kysely<Tables>,
  settings: string,
  work: (sql: Transaction<Tables>) => Promise<T>,
): Promise<T> =>
  pool.getExecutor().provideConnection(async (connection) => {
    const run = (text: string) => connection.executeQuery(CompiledQuery.raw(text));
    const { sql, close } = open(pool, connection);
    try {
      // If the beginning fails, so does each statement of the work.
      const [, result] = await allOf([run(`begin;${settings}`), work(sql)]);
      close();
      await run('commit');
      return result;
    } catch (error) {
      close();
      await run('rollback');
      throw error;
    }
  });

/** After `close` no statement is accepted: it would run outside the transaction. */
function open<Tables>(pool: Kysely<Tables>, connection: DatabaseConnection) {
  let isOpen = true;
  const executor = pool.getExecutor().withConnectionProvider({
    provideConnection: async (consumer) => {
      if (!isOpen) throw new Error('the transaction is over');
      return consumer(connection);
    },
  });
  return {
    sql: new Transaction<Tables>({ config: { dialect }, dialect, driver, executor }),
    close: () => {
      isOpen = false;
    },
  };
}
