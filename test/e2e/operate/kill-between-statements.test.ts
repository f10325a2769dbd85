/**
 * A worker is killed at each statement of an evaluation, as it is sent to PostgreSQL. Every event takes effect once, and
 * every level alerts once.
 */
import { sql as statement } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommand } from '../../support/servers/command-line.ts';
import { CrashWorld } from '../../support/servers/crash-world.ts';

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

let world: CrashWorld;
beforeEach(async () => {
  world = await CrashWorld.start();
});
afterEach(() => world.close());

test('an evaluation that is killed at any of its statements takes effect once', async () => {
  const { settings } = world;
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
    await world.call('POST', '/api/smart-alerts/rules', String(token), rule);
  }
  for (const [round, words] of Object.values(moments).entries()) {
    const act = () => world.call('POST', '/api/events', String(apiKey), eventsOf(round));
    // What a worker sends at rest counts only after its claim of batches.
    await world.killAt({ words, after: moments['the claim of the batches'], act });
  }
  await world.start('worker');
  await world.start('clock');
  const rounds = Object.keys(moments).length;
  await vi.waitFor(async () => expect(await readOutcome()).toEqual(outcomeAfter(rounds)), waitOptions);
}, 180_000);

const eventsOf = (round: number) =>
  people.map((userId) => {
    const id = `${userId}-${round}`;
    const spentAt = '2026-11-10T12:00:00Z';
    const data = { expenseId: id, userId, categoryId: 'food', amount: '10.00', currency: 'USD', spentAt };
    return { id, type: 'expense.created', time: spentAt, data };
  });

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
    from users u order by u.id`.execute(world.database.sql);
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
