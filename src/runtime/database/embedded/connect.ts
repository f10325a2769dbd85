// The steps that need a connection to the server: wait until it answers, make the database and the service's role.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError, escapeIdentifier, escapeLiteral } from 'pg';
import { SUPERUSER } from './cluster.ts';
import { hasCode } from '../../error-code.ts';

type Access = { port: number; password: string };

// 57P03: starting up, recovering or shutting down.
const NOT_YET = ['57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'];

export function urlOf({ port, password }: Access, database: string, user = SUPERUSER): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

/** Returns true when the server answers, false when it has ended. Throws after `timeoutMs`, or if it refuses us. */
export async function becomesReady(
  access: Access,
  isAlive: () => Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, 200)) {
    if (await answers(access)) return true;
    if (!(await isAlive())) return false;
    if (performance.now() > deadline)
      throw new Error(`PostgreSQL on port ${access.port} did not become ready within ${timeoutMs / 1000} s`);
    await sleep(pauseMs);
  }
}

export async function ensureDatabase(access: Access, database: string): Promise<void> {
  await withClient(access, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${escapeIdentifier(database)}`);
  });
}

/** Makes a role that may connect with the same password and has no rights yet. The caller holds the lock. */
export async function ensureLogin(access: Access, role: string): Promise<void> {
  await withClient(access, async (client) => {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
    if (rowCount === 0)
      await client.query(
        `create role ${escapeIdentifier(role)} login password ${escapeLiteral(access.password)}`,
      );
  });
}

async function answers(access: Access): Promise<boolean> {
  try {
    await withClient(access, (client) => client.query('select'));
    return true;
  } catch (error) {
    if (hasCode(error, ...NOT_YET) || isCutOff(error)) return false;
    // 53300 says that every connection is in use: the server answers.
    if (hasCode(error, '53300')) return true;
    throw hasCode(error, '28P01') ? wrongPassword(error) : error;
  }
}

/** The connection closed or timed out before it was established. pg gives no code for it, only a message. */
function isCutOff(error: unknown): boolean {
  return (
    error instanceof Error && !(error instanceof DatabaseError) && /terminated|timeout/i.test(error.message)
  );
}

function wrongPassword(cause: unknown): Error {
  return new Error(
    'The embedded PostgreSQL refuses the password kept beside its data: the file `password` is not the one it was made with; bring that one back',
    { cause },
  );
}

async function withClient(access: Access, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({
    connectionString: urlOf(access, 'postgres'),
    connectionTimeoutMillis: 2000,
    ssl: false,
  });
  // A stopping server ends idle connections by an error event. Without a listener it would end this process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
}
