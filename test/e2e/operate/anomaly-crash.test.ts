/** A worker is killed at each step of writing and telling an anomaly. Each person has one of them and one mail all the same. */
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

/** Words that the writing of an anomaly sends first. */
const writing = 'insert into anomalies';

/** Words of the statements that follow, in their order. */
const moments: Record<string, string> = {
  'the writing': writing,
  'the commit': 'commit',
  ...(isOnRedis ? {} : { 'the queue signals': 'add_job' }),
  'the plan': 'insert into notification_deliveries',
};
const people = Object.keys(moments).map((_, index) => `p${index}`);
const waitOptions = { timeout: 120_000, interval: 250 };

const queues = await queuesOfFile();
let folder: string;
let database: FreshDatabase;
let mail: MailServer;
const left: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anomaly-'));
  [database, mail] = await Promise.all([freshDatabase(), MailServer.start()]);
});
afterEach(async () => {
  for (const leave of left.splice(0).toReversed()) await leave();
  await mail.stop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

test('an anomaly whose worker is killed at any moment is told once', async () => {
  const settings = {
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    PORT: '0',
    JWT_SECRET: 'a secret that the command line knows of',
    CLOCK_START: '2026-11-10T12:00:00Z',
    GROUP_WAIT_SECONDS: '0',
    SMTP_URL: mail.url,
    MAIL_FROM: 'Spendwatch <alerts@spendwatch.example>',
    ...queues,
  };
  const web = await start('web', settings);
  const url = String((await web.logged('started'))['url']);
  const { tenantId, apiKey } = await runCommand(settings, 'tenant', 'create', '--name', 'Anomaly');
  const admin = await runCommand(settings, 'key', 'create', '--tenant', String(tenantId), '--scope', 'admin');
  for (const userId of people)
    await call('PUT', `${url}/api/users/${userId}`, String(admin['apiKey']), {
      email: `${userId}@example.com`,
    });
  const proxy = await Proxy.start(database.url);
  left.push(() => proxy.cut());
  const proxied = { ...settings, DATABASE_URL: proxy.through(database.url) };
  for (const [round, words] of Object.values(moments).entries())
    await killAt(words, proxied, proxy, () =>
      call('POST', `${url}/api/events`, String(apiKey), eventsOf(round)),
    );
  expect(mail.mails.length).toBeLessThan(people.length);
  await start('worker', settings);
  await start('clock', settings);
  const everyone = people.map((person) => ({ person, rows: 1, notifications: 1, sent: 1, interruptions: 1 }));
  await vi.waitFor(async () => expect(await readOutcome()).toEqual(everyone), waitOptions);
  // A mail that may have gone out before the kill is sent again with its id, and mail programs show it once.
  const sent = new Map(mail.mails.map(({ to, headers }) => [headers['message-id'], to]));
  const mailed = [...sent.values()].flat();
  expect(sent.has(undefined)).toBe(false);
  expect(mailed.toSorted()).toEqual(people.map((person) => `${person}@example.com`));
}, 240_000);

async function start(role: string, settings: Record<string, string>): Promise<ServiceProcess> {
  const started = await ServiceProcess.start(role, settings);
  left.push(async () => {
    signal(started.pid, 'SIGTERM');
    await started.ended;
  });
  return started;
}

/** Runs a worker until it sends these words after it began to write an anomaly. */
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
    const began = sent.indexOf(writing);
    if (began !== -1 && sent.includes(words, began)) signal(worker.pid, 'SIGKILL');
  };
  await post();
  expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
  proxy.onSent = null;
}

/** Two charges of one amount at one merchant. */
const eventsOf = (round: number) =>
  ['first', 'again'].map((name) => {
    const userId = people[round] ?? '';
    const time = '2026-11-10T12:00:00Z';
    const expenseId = `${userId}-${name}`;
    const facts = { userId, categoryId: 'food', merchant: 'Garage', amount: '64.00', currency: 'USD' };
    return { id: expenseId, type: 'expense.created', time, data: { ...facts, expenseId, spentAt: time } };
  });

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
    select a.user_id as person, count(distinct a.id)::int as rows, count(distinct n.id)::int as notifications,
      (count(distinct n.id) filter (where n.status = 'sent'))::int as sent,
      (select sum(d.count)::int from daily_interruptions d where d.user_id = a.user_id) as interruptions
    from anomalies a
    left join notification_history n on n.tenant_id = a.tenant_id and n.user_id = a.user_id and n.type = 'anomaly'
    group by a.user_id order by a.user_id`.execute(database.sql);
  return rows;
}
