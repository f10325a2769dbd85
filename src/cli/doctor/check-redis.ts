/** Checks Redis, if the queues are on it: it is reachable, recent and configured to drop no job. */
import type { Config } from '../../runtime/config/config.ts';
import { createLog } from '../../runtime/log.ts';
import { openRedis, type Redis, waitUntilReady } from '../../runtime/redis.ts';
import { queuePrefix } from '../../runtime/queues/open-backend.ts';
import { redisBackend } from '../../runtime/queues/redis.ts';
import { queuesCheck } from './check-queues.ts';
import { type Check, check, fail, ok, shownUrl, type Verdict, warn } from './check.ts';

const connectFix = 'start Redis, or let REDIS_URL name where it runs and who may sign in';
const readyWithinMs = 3_000;

export async function checkRedis({ redisUrl, isProduction }: Config): Promise<Check[]> {
  if (redisUrl === null) return [{ name: 'redis', ...withoutRedis(isProduction) }];
  const client = openRedis(redisUrl, 'caller', { name: 'doctor', log: createLog('silent') });
  let reason = 'no answer';
  client.on('error', (error: Error) => (reason = error.message || reason));
  try {
    const facts = await check('redis', connectFix, async () => {
      if (!(await waitUntilReady(client, readyWithinMs))) throw new Error(reason);
      return versionVerdict(await client.info('server'), redisUrl);
    });
    return facts.status === 'fail' ? [facts] : [facts, ...(await checkSettings(client, redisUrl))];
  } finally {
    client.disconnect();
  }
}

const withoutRedis = (isProduction: boolean): Verdict =>
  isProduction
    ? warn('not set: the queues are on PostgreSQL', 'set REDIS_URL: the queues are ten times faster there')
    : ok('not set: the queues are on PostgreSQL');

const oldest = [6, 2] as const;

function versionVerdict(info: string, url: string): Verdict {
  const name = valueOf(info, 'server_name') === 'valkey' ? 'Valkey' : 'Redis';
  const version = valueOf(info, 'valkey_version') ?? valueOf(info, 'redis_version') ?? 'of unknown version';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  const seen = `${name} ${version} at ${shownUrl(url).replace(/\/\d+$/, '')}`;
  return isOld ? fail(seen, `use Redis ${oldest.join('.')} or later, or Valkey`) : ok(seen);
}

const checkSettings = async (client: Redis, url: string): Promise<Check[]> => [
  await check('redis memory', connectFix, async () => policyVerdict(await client.info('memory'))),
  await check('redis persistence', connectFix, async () =>
    persistenceVerdict(await client.info('persistence')),
  ),
  await queuesCheck(redisBackend({ url, client, log: createLog('silent'), prefix: queuePrefix })),
];

/** Uses INFO, because managed servers forbid CONFIG GET. */
function policyVerdict(info: string): Verdict {
  const policy = valueOf(info, 'maxmemory_policy') ?? 'not told';
  const seen = `maxmemory-policy ${policy}`;
  if (policy === 'noeviction' || policy === 'not told') return ok(seen);
  return fail(`${seen}: it may drop jobs`, 'set maxmemory-policy to noeviction');
}

function persistenceVerdict(info: string): Verdict {
  if (valueOf(info, 'aof_enabled') === '1') return ok('append-only file');
  return warn(
    'no append-only file: a restart forgets the jobs since the last snapshot',
    'set appendonly to yes; without it sweep-pending finds what was forgotten, some minutes later',
  );
}

const valueOf = (info: string, key: string): string | undefined =>
  new RegExp(`^${key}:(?<value>[^\\r\\n]+)`, 'm').exec(info)?.groups?.['value'];
