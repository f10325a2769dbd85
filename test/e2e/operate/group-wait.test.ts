/**
 * A worker is killed while alerts wait for others, and at each statement of their release. Each group is one message and
 * one interruption all the same.
 */
import { sql as statement } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommand } from '../../support/servers/command-line.ts';
import { CrashWorld } from '../../support/servers/crash-world.ts';
import { signal } from '../../support/servers/processes.ts';
import { isOnRedis, queuesOfFile } from '../../support/servers/queue-settings.ts';

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
const waitOptions = { timeout: 120_000, interval: 250 };

const queues = await queuesOfFile();
let world: CrashWorld;
beforeEach(async () => {
  world = await CrashWorld.start(queues);
});
afterEach(() => world.close());

test('a group whose worker is killed at any moment is one message', async () => {
  const { settings, mail } = world;
  const { tenantId, apiKey } = await runCommand(settings, 'tenant', 'create', '--name', 'Group');
  const admin = await runCommand(settings, 'key', 'create', '--tenant', String(tenantId), '--scope', 'admin');
  for (const userId of people) {
    const email = `${userId}@example.com`;
    await world.call('PUT', `/api/users/${userId}`, String(admin['apiKey']), { email });
    const { token } = await runCommand(settings, 'token', '--tenant', String(tenantId), '--user', userId);
    const thresholds = [{ percent: 100, severity: 'danger' }];
    for (const categoryId of ['food', null])
      await world.call('POST', '/api/smart-alerts/rules', String(token), {
        budgetAmount: '10.00',
        channels: ['in-app', 'email'],
        thresholds,
        ...(categoryId && { categoryId }),
      });
  }
  for (const [round, words] of Object.values(moments).entries()) {
    const act = () => world.call('POST', '/api/events', String(apiKey), eventOf(round));
    if (words === null) await killWhileWaiting(act);
    else await world.killAt({ words, after: release, settings: { GROUP_WAIT_SECONDS: '1' }, act });
  }
  expect(mail.mails.length).toBeLessThan(people.length);
  await world.start('worker');
  await world.start('clock');
  const everyone = people.map((person) => ({ person, merged: 2, sent: 1, others: 0, interruptions: 1 }));
  await vi.waitFor(async () => expect(await readOutcome()).toEqual(everyone), waitOptions);
  const mailed = mail.mails.flatMap(({ to }) => to);
  expect(mailed).toHaveLength(people.length);
  expect(new Set(mailed)).toEqual(new Set(people.map((person) => `${person}@example.com`)));
}, 240_000);

const readDeferred = () =>
  world.database.sql
    .selectFrom('notification_history')
    .select('id')
    .where('status', '=', 'deferred')
    .execute();

async function killWhileWaiting(act: () => Promise<void>): Promise<void> {
  const worker = await world.start('worker', { ...world.settings, GROUP_WAIT_SECONDS: '5' });
  await worker.logged('started');
  await act();
  await vi.waitFor(async () => expect(await readDeferred()).toHaveLength(2), waitOptions);
  signal(worker.pid, 'SIGKILL');
  expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
  expect(await readDeferred()).toHaveLength(2);
}

const eventOf = (round: number) => {
  const userId = people[round] ?? '';
  const spentAt = '2026-11-10T12:00:00Z';
  const data = { expenseId: userId, userId, categoryId: 'food', amount: '10.00', currency: 'USD', spentAt };
  return { id: userId, type: 'expense.created', time: spentAt, data };
};

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
    group by n.user_id order by n.user_id`.execute(world.database.sql);
  return rows;
}
