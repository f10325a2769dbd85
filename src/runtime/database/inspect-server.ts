/** Inspects a PostgreSQL server without the service's pool: it may be empty, old or another program's. */
import { Client } from 'pg';

export type Server = {
  /** For example 18.4. */
  version: string;
  major: number;
  login: string;
  /** True if the login is a superuser, bypasses row-level security or owns the tables. */
  isPrivileged: boolean;
  /** The number of tables in the given schema. */
  tables: number;
  /** How far the server's clock is ahead of the machine's, within half of `roundTripMs`. */
  skewMs: number;
  roundTripMs: number;
};

type Row = Omit<Server, 'skewMs' | 'roundTripMs'> & { now_ms: string };

/** `nowMs` is the machine's time. Resolves or rejects within seconds, whatever the server does. */
export async function inspectServer(url: string, schema: string, nowMs: () => number): Promise<Server> {
  const client = new Client({
    connectionString: url,
    application_name: 'spendwatch-doctor',
    connectionTimeoutMillis: 4000,
    query_timeout: 4000,
  });
  // The next query reports a connection that broke; without a listener the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    // The look-ups ride on the catalogue's own indexes.
    const look = () =>
      client.query<Row>(
        `select current_setting('server_version') as version,
          current_setting('server_version_num')::int / 10000 as major,
          session_user as login,
          r.rolsuper or r.rolbypassrls or exists (
            select from pg_class c where c.oid = to_regclass('tenants') and c.relowner = r.oid
          ) as "isPrivileged",
          (select count(*)::int from pg_tables t where t.schemaname = $1) as tables,
          extract(epoch from clock_timestamp()) * 1000 as now_ms
        from pg_roles r
        where r.rolname = session_user`,
        [schema],
      );
    await look();
    // Only the second query is timed: by then nothing has to be read or planned first.
    const asked = nowMs();
    const { rows } = await look();
    const answered = nowMs();
    const [row] = rows;
    if (!row) throw new Error('the server does not know its own user');
    const { now_ms, ...facts } = row;
    const skewMs = Math.round(Number(now_ms) - (asked + answered) / 2);
    return { ...facts, skewMs, roundTripMs: answered - asked };
  } finally {
    client.end().catch(() => undefined);
  }
}
