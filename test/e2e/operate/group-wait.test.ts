/**
 * A worker is killed while alerts wait for others, and at each statement of their release. Each group is one message and
 * one interruption all the same.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql as statement } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommand } from '../../support/servers/command-line.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers/database.ts';
import { ServiceProcess, signal } from '../../support/servers/processes.ts';
import { Proxy } from '../../support/servers/proxy.ts';
import { isOnRedis, queuesOfFile } from '../../support/servers/queue-settings.ts';
import { MailServer } from '../../support/servers/smtp-server.ts';

/** Words that a release sends first. */
const release = 'select from users where tenant_id';

/** Words of the statements of a release, in their order. Null: killed before, while the alerts wait. */
const moments: Record<string, string | null> = {
  'the wait': null,
  'the lock of the person': release,
  'the lock of the alerts': 'n.id for no key update',
  'the writing of the roll-up': 'told, digest_day',
  'the writing of its deliveries': 'insert into notification_deliveries',
  'the commit': 'commit',
  ...(isOnRedis ? {} : { 'the queue signals': 'add_job' }),
};
const names = Object.keys(moments);
const people = names.map((_, index) => `p${index}`);
const longestMs = 30_000;
const waitOptions = { timeout: 120_000, interval: 250 };

const queues = await queuesOfFile();
let folder: string;
let database: FreshDatabase;
let mail: MailServer;
const left: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'group-'));
  [database, mail] = await Promise.all([freshDatabase(), MailServer.start()]);
});
afterEach(async () => {
  for (const leave of left.splice(0).toReversed()) await leave();
  await mail.stop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

test('a group whose worker is killed at any moment is one message', async () => {
  const settings = {
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    PORT: '0',
    JWT_SECRET: 'a secret that the command line knows of',
    CLOCK_START: '2026-11-10T12:00:00Z',
    SMTP_URL: mail.url,
    MAIL_FROM: 'Spendwatch <alerts@spendwatch.example>',
    ...queues,
  };
  const web = await start('web', settings);
  const url = String((await web.logged('started'))['url']);
  const { tenantId, apiKey } = await runCommand(settings, 'tenant', 'create', '--name', 'Group');
  const admin = await runCommand(settings, 'key', 'create', '--tenant', String(tenantId), '--scope', 'admin');
  for (const userId of people) {
    await call('PUT', `${url}/api/users/${userId}`, String(admin['apiKey']), {
      email: `${userId}@example.com`,
    });
    const { token } = await runCommand(settings, 'token', '--tenant', String(tenantId), '--user', userId);
    const thresholds = [{ percent: 100, severity: 'danger' }];
    for (const categoryId of ['food', null])
      await call('POST', `${url}/api/smart-alerts/rules`, String(token), {
        budgetAmount: '10.00',
        channels: ['in-app', 'email'],
        thresholds,
        ...(categoryId && { categoryId }),
      });
  }
  const proxy = await Proxy.start(database.url);
  left.push(() => proxy.cut());
  const proxied = { ...settings, DATABASE_URL: proxy.through(database.url) };
  for (const [round, words] of Object.values(moments).entries()) {
    const post = () => call('POST', `${url}/api/events`, String(apiKey), eventOf(round));
    if (words === null) await killWhileWaiting({ ...settings, GROUP_WAIT_SECONDS: '5' }, post);
    else await killAt(words, { ...proxied, GROUP_WAIT_SECONDS: '1' }, proxy, post);
  }
  expect(mail.mails.length).toBeLessThan(people.length);
  await start('worker', settings);
  await start('clock', settings);
  const everyone = people.map((person) => ({ person, merged: 2, sent: 1, others: 0, interruptions: 1 }));
  await vi.waitFor(async () => expect(await readOutcome()).toEqual(everyone), waitOptions);
  const mailed = mail.mails.flatMap(({ to }) => to);
  expect(mailed).toHaveLength(people.length);
  expect(new Set(mailed)).toEqual(new Set(people.map((person) => `${person}@example.com`)));
}, 240_000);

async function start(role: string, settings: Record<string, string>): Promise<ServiceProcess> {
  const started = await ServiceProcess.start(role, settings);
  left.push(async () => {
    signal(started.pid, 'SIGTERM');
    await started.ended;
  });
  return started;
}

const readDeferred = () =>
  database.sql.selectFrom('notification_history').select('id').where('status', '=', 'deferred').execute();

async function killWhileWaiting(settings: Record<string, string>, post: () => Promise<void>): Promise<void> {
  const worker = await start('worker', settings);
  await worker.logged('started');
  await post();
  await vi.waitFor(async () => expect(await readDeferred()).toHaveLength(2), waitOptions);
  signal(worker.pid, 'SIGKILL');
  expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
  expect(await readDeferred()).toHaveLength(2);
}

/** Runs a worker until it sends these words of a release. If it does not in half a minute, it is killed all the same. */
async function killAt(
  words: string,
  settings: Record<string, string>,
  proxy: Proxy,
  post: () => Promise<void>,
): Promise<void> {
  const worker = await start('worker', settings);
  await worker.logged('started');
  let sent = '';
  proxy.onSent = (bytes) => {
    sent += bytes.toString('latin1');
    const releasedAt = sent.indexOf(release);
    if (releasedAt !== -1 && sent.includes(words, releasedAt)) signal(worker.pid, 'SIGKILL');
  };
  await post();
  const overdue = setTimeout(() => signal(worker.pid, 'SIGKILL'), longestMs);
  expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
  clearTimeout(overdue);
  proxy.onSent = null;
}

const eventOf = (round: number) => {
  const userId = people[round] ?? '';
  const spentAt = '2026-11-10T12:00:00Z';
  const data = { expenseId: userId, userId, categoryId: 'food', amount: '10.00', currency: 'USD', spentAt };
  return { id: userId, type: 'expense.created', time: spentAt, data };
};

async function call(method: string, url: string, credential: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}

/** Read with plain queries, which share nothing with the service but its tables. */
async function readOutcome(): Promise<object[]> {
  const { rows } = await statement<object>`
    select n.user_id as person,
      (count(*) filter (where n.type = 'budget_alert' and n.status = 'merged'))::int as merged,
      (count(*) filter (where n.type = 'roll_up' and n.status = 'sent'))::int as sent,
      (count(*) filter (where n.type = 'budget_alert' and n.status <> 'merged' or n.type = 'roll_up' and n.status <> 'sent'))::int
        as others,
      (select sum(d.count)::int from daily_interruptions d where d.user_id = n.user_id) as interruptions
    from notification_history n
    group by n.user_id order by n.user_id`.execute(database.sql);
  return rows;
}
