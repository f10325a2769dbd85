/**
 * A worker is killed at each statement of an evaluation, as it is sent to PostgreSQL. Every event takes effect once, and
 * every level alerts once.
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

/** Words of each statement, in the order in which an evaluation sends them. */
const moments = {
  'the claim of the batches': 'as are_held',
  'the statement for events within guards': 'stored_spending',
  'the lock of expenses': 'select distinct tenant_id, id',
  'the reading of period states': 'must_measure',
  'the writing of sums': 'insert into rule_spend',
  'the writing of alerts': 'insert into alert_decisions',
  'the writing of expenses': 'g.is_known',
  'the commit': 'commit',
  'the queue signals': 'add_job',
  'the signal to live streams': 'spendwatch_spending',
};

const people = ['p1', 'p2', 'p3', 'p4'];
const waitOptions = { timeout: 60_000, interval: 100 };

let folder: string;
let database: FreshDatabase;
const left: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kill-'));
  database = await freshDatabase();
});
afterEach(async () => {
  for (const leave of left.splice(0).toReversed()) await leave();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

test('an evaluation that is killed at any of its statements takes effect once', async () => {
  const settings = {
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    PORT: '0',
    JWT_SECRET: 'a secret that the command line knows of',
    CLOCK_START: '2026-11-10T12:00:00Z',
  };
  const web = await start('web', settings);
  const url = String((await web.logged('started'))['url']);
  const { tenantId, apiKey } = await runCommand(settings, 'tenant', 'create', '--name', 'Kill');
  for (const userId of people) {
    const { token } = await runCommand(settings, 'token', '--tenant', String(tenantId), '--user', userId);
    // Each round brings everybody 10.00, and those with these rules to a new level.
    const thresholds = Object.keys(moments).map((_, round) => ({
      percent: 10 * round + 10,
      severity: 'info',
    }));
    const rule = {
      budgetAmount: userId === 'p1' ? '1000000.00' : '100.00',
      channels: ['in-app'],
      thresholds,
    };
    await post(`${url}/api/smart-alerts/rules`, String(token), rule);
  }
  const proxy = await Proxy.start(database.url);
  left.push(() => proxy.cut());
  for (const [round, words] of Object.values(moments).entries())
    await killAt(words, { ...settings, DATABASE_URL: proxy.through(database.url) }, proxy, () =>
      post(`${url}/api/events`, String(apiKey), eventsOf(round)),
    );
  await start('worker', settings);
  await start('clock', settings);
  const rounds = Object.keys(moments).length;
  await vi.waitFor(async () => expect(await readOutcome()).toEqual(outcomeAfter(rounds)), waitOptions);
}, 180_000);

async function start(role: string, settings: Record<string, string>): Promise<ServiceProcess> {
  const started = await ServiceProcess.start(role, settings);
  left.push(async () => {
    signal(started.pid, 'SIGTERM');
    await started.ended;
  });
  return started;
}

/** Runs a worker until it sends these words. In a new process each statement is sent with its text at its first use. */
async function killAt(
  words: string,
  settings: Record<string, string>,
  proxy: Proxy,
  act: () => Promise<void>,
): Promise<void> {
  const worker = await start('worker', settings);
  await worker.logged('started');
  let sent = '';
  proxy.onSent = (bytes) => {
    sent += bytes.toString('latin1');
    // The words of what a worker sends at rest count only after its claim of batches.
    const claimedAt = sent.indexOf(moments['the claim of the batches']);
    if (claimedAt !== -1 && sent.includes(words, claimedAt)) signal(worker.pid, 'SIGKILL');
  };
  await act();
  expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
  proxy.onSent = null;
}

const eventsOf = (round: number) =>
  people.map((userId) => {
    const id = `${userId}-${round}`;
    const spentAt = '2026-11-10T12:00:00Z';
    const data = { expenseId: id, userId, categoryId: 'food', amount: '10.00', currency: 'USD', spentAt };
    return { id, type: 'expense.created', time: spentAt, data };
  });

async function post(url: string, credential: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}

/** Read with plain queries, which share nothing with the service but its tables. */
async function readOutcome(): Promise<object[]> {
  const { rows } = await statement<object>`
    select u.id as person,
      (select count(*)::int from expenses e where e.user_id = u.id) as expenses,
      (select sum(amount_minor)::int from daily_spend d where d.user_id = u.id) as day,
      (select sum(spent_minor)::int from rule_spend k join smart_alert_rules r on r.id = k.rule_id
        where r.user_id = u.id) as period,
      (select count(*)::int from alert_decisions d join smart_alert_rules r on r.id = d.rule_id
        where r.user_id = u.id and d.outcome in ('notified', 'superseded')) as decisions,
      (select count(distinct d.level)::int from alert_decisions d join smart_alert_rules r on r.id = d.rule_id
        where r.user_id = u.id) as levels,
      (select count(*) = count(distinct level) from notification_history n where n.user_id = u.id) as "isOnce",
      (select count(*)::int from notification_history n where n.user_id = u.id and n.status <> 'sent') as unsent,
      (select count(*)::int from event_batches where applied_at is null) as pending
    from users u order by u.id`.execute(database.sql);
  return rows;
}

const outcomeAfter = (rounds: number) =>
  people.map((person) => ({
    person,
    expenses: rounds,
    day: rounds * 1000,
    period: rounds * 1000,
    decisions: person === 'p1' ? 0 : rounds,
    levels: person === 'p1' ? 0 : rounds,
    isOnce: true,
    unsent: 0,
    pending: 0,
  }));
