/** A look at a PostgreSQL server from outside the service: it may be empty, old, or somebody else's. */
import { Client } from 'pg';

export type Server = {
  /** Like 18.4. */
  version: string;
  major: number;
  login: string;
  /** Whom the login could act as: a superuser, one who passes by row-level security, or the tables' owner. */
  isPrivileged: boolean;
  /** In the schema named. */
  tables: number;
  /** How far its clock is ahead of the machine's; the way there and back may hide half of `roundTripMs`. */
  skewMs: number;
  roundTripMs: number;
};

type Row = Omit<Server, 'skewMs' | 'roundTripMs'> & { now_ms: string };

/** `nowMs` is the machine's time. Answers or rejects within some seconds, however the server behaves. */
export async function inspectServer(url: string, schema: string, nowMs: () => number): Promise<Server> {
  const client = new Client({
    connectionString: url,
    application_name: 'spendwatch-doctor',
    connectionTimeoutMillis: 4000,
    query_timeout: 4000,
  });
  // A connection that breaks later is told of by the query that meets it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    // Reads the catalogue's own keys.
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
    // The second time, nothing has to be read or planned first.
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
