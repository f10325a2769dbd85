/** A worker is killed at each step of writing and telling an anomaly. Each person has one of them and one mail all the same. */
import { sql as statement } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommand } from '../../support/servers/command-line.ts';
import { CrashWorld } from '../../support/servers/crash-world.ts';
import { isOnRedis, queuesOfFile } from '../../support/servers/queue-settings.ts';

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
let world: CrashWorld;
beforeEach(async () => {
  world = await CrashWorld.start({ GROUP_WAIT_SECONDS: '0', ...queues });
});
afterEach(() => world.close());

test('an anomaly whose worker is killed at any moment is told once', async () => {
  const { settings, mail } = world;
  const { tenantId, apiKey } = await runCommand(settings, 'tenant', 'create', '--name', 'Anomaly');
  const admin = await runCommand(settings, 'key', 'create', '--tenant', String(tenantId), '--scope', 'admin');
  for (const userId of people) {
    const email = `${userId}@example.com`;
    await world.call('PUT', `/api/users/${userId}`, String(admin['apiKey']), { email });
  }
  for (const [round, words] of Object.values(moments).entries()) {
    const act = () => world.call('POST', '/api/events', String(apiKey), eventsOf(round));
    await world.killAt({ words, after: writing, act });
  }
  expect(mail.mails.length).toBeLessThan(people.length);
  await world.start('worker');
  await world.start('clock');
  const everyone = people.map((person) => ({ person, rows: 1, notifications: 1, sent: 1, interruptions: 1 }));
  await vi.waitFor(async () => expect(await readOutcome()).toEqual(everyone), waitOptions);
  // A mail that may have gone out before the kill is sent again with its id, and mail programs show it once.
  const sent = new Map(mail.mails.map(({ to, headers }) => [headers['message-id'], to]));
  const mailed = [...sent.values()].flat();
  expect(sent.has(undefined)).toBe(false);
  expect(mailed.toSorted()).toEqual(people.map((person) => `${person}@example.com`));
}, 240_000);

/** Two charges of one amount at one merchant. */
const eventsOf = (round: number) =>
  ['first', 'again'].map((name) => {
    const userId = people[round] ?? '';
    const time = '2026-11-10T12:00:00Z';
    const expenseId = `${userId}-${name}`;
    const facts = { userId, categoryId: 'food', merchant: 'Garage', amount: '64.00', currency: 'USD' };
    return { id: expenseId, type: 'expense.created', time, data: { ...facts, expenseId, spentAt: time } };
  });

/** Read with plain queries, which share nothing with the service but its tables. */
async function readOutcome(): Promise<object[]> {
  const { rows } = await statement<object>`
    select a.user_id as person, count(distinct a.id)::int as rows, count(distinct n.id)::int as notifications,
      (count(distinct n.id) filter (where n.status = 'sent'))::int as sent,
      (select sum(d.count)::int from daily_interruptions d where d.user_id = a.user_id) as interruptions
    from anomalies a
    left join notification_history n on n.tenant_id = a.tenant_id and n.user_id = a.user_id and n.type = 'anomaly'
    group by a.user_id order by a.user_id`.execute(world.database.sql);
  return rows;
}
