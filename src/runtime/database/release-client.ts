/** The connection a release works by, and the lock by which one release waits for another. */
import { Client } from 'pg';

/** The number is arbitrary. */
const releaseLock = 5_077_249;

/** Rejects where the connection was lost meanwhile, also while nothing was asked of it. */
export async function withReleaseClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'spendwatch-migrate' });
  const losses: Error[] = [];
  // Unheard, the event would end the process.
  client.on('error', (error) => losses.push(error));
  await client.connect();
  try {
    const result = await work(client);
    if (losses.length > 0)
      throw new Error('the connection to the database was lost on the way: run it again', {
        cause: losses[0],
      });
    return result;
  } finally {
    await client.end();
  }
}

/** `work` is done by one process at a time. */
export const withReleaseLock = <T>(url: string, work: (client: Client) => Promise<T>): Promise<T> =>
  withReleaseClient(url, async (client) => {
    await client.query('select pg_advisory_lock($1)', [releaseLock]);
    return work(client);
  });
