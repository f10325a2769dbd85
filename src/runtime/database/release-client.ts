/** The connection that a release uses, and the advisory lock that lets one release wait for another. */
import { Client } from 'pg';

/** An arbitrary number. */
const releaseLock = 5_077_249;

/** Rejects if the connection was lost at any time during `work`, even between two queries. */
export async function withReleaseClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'spendwatch-migrate' });
  const losses: Error[] = [];
  // Without a listener the event would end the process.
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

/** Runs `work` in one process at a time. */
export const withReleaseLock = <T>(url: string, work: (client: Client) => Promise<T>): Promise<T> =>
  withReleaseClient(url, async (client) => {
    await client.query('select pg_advisory_lock($1)', [releaseLock]);
    return work(client);
  });
