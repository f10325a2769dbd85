/** A preview says what the live service did: the same expenses are spent live first, by the stepped clock of a service. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import type { Person } from '../../support/worlds/person.ts';

const threshold = (percent: number, severity: string) => ({ percent, severity });
const rule = {
  channels: ['in-app', 'email'],
  thresholds: [
    threshold(50, 'info'),
    threshold(80, 'warning'),
    threshold(100, 'danger'),
    threshold(150, 'critical'),
  ],
  everyLevel: true,
  notifyOnRecovery: true,
};
const awake = { enabled: false, start: '20:00', end: '08:00' };

const people = [
  { timezone: 'UTC', rule: { ...rule, budgetAmount: '100.00' } },
  {
    timezone: 'America/New_York',
    rule: { ...rule, budgetAmount: '60.00', period: 'weekly', maxNotificationsPerDay: 2, quietHours: awake },
  },
  {
    timezone: 'Asia/Kolkata',
    rule: { ...rule, budgetAmount: '50.00', period: 'weekly', rollover: 'both', cooldownMinutes: 600 },
  },
];

/** Each person spends so in turn: the minutes since the last expense, and the amount. */
const purchases: readonly (readonly [number, string])[] = [
  [300, '30.00'],
  [45, '25.00'],
  [20, '-20.00'],
  [20, '21.00'],
  [20, '30.00'],
  [540, '-40.00'],
  [30, '45.00'],
  [1300, '60.00'],
  [10, '-30.00'],
  [25, '30.00'],
  [200, '40.00'],
  [2000, '-55.00'],
  [61, '50.00'],
  [500, '20.00'],
  [3000, '35.00'],
  [90, '35.00'],
  [90, '-30.00'],
  [30, '31.00'],
  [4000, '12.50'],
  [700, '48.00'],
];

type Spender = { person: Person; ruleId: string; rule: object };

const start = Temporal.Instant.from('2026-11-02T06:00:00Z');
/** The Monday on which all of them begin, to the last day. */
const days = 14;
const end = Temporal.Instant.from('2026-11-15T18:00:00Z');

let world: NotificationWorld;
let spenders: Spender[];

beforeAll(async () => {
  world = await NotificationWorld.begin(start.toString(), { queuePrefix: 'previewed' });
  spenders = [];
  for (const { timezone, rule: wanted } of people) {
    const person = await world.person({ timezone });
    spenders.push({ person, rule: wanted, ruleId: await person.budget(wanted.budgetAmount, wanted) });
  }
  await live();
}, 240_000);
afterAll(() => world.end());

/** Everybody spends at times of their own, and what waits is told when it is due. */
async function live(): Promise<void> {
  let minutes = 0;
  const expenses = purchases.flatMap(([gap, amount]) => {
    minutes += gap;
    return spenders.map(({ person }, index) => ({
      person,
      amount,
      at: start.add({ minutes: minutes + index * 170 }),
    }));
  });
  for (const { person, amount, at } of expenses.toSorted((a, b) => Temporal.Instant.compare(a.at, b.at))) {
    await pass(at);
    world.service.clock.moveTo(at);
    await person.spend(amount);
  }
  await pass(end);
  world.service.clock.moveTo(end);
}

async function pass(until: Temporal.Instant): Promise<void> {
  for (;;) {
    const due = await nextDue();
    if (!due || Temporal.Instant.compare(due, until) > 0) return;
    if (Temporal.Instant.compare(due, world.service.clock.now()) > 0) world.service.clock.moveTo(due);
    await world.run('evaluate-periods');
    await world.run('end-cooldowns');
    await world.run('wake-deferred');
    await world.run('daily-summary');
  }
}

/** When the next of the things happens that the jobs look for. */
async function nextDue(): Promise<Temporal.Instant | null> {
  const { rows } = await statement<{ at: string | null }>`
    select min(at) as at from (
      select renotify_at from alert_states where renotify_at is not null
      union all
      select until from notification_history where status in ('deferred', 'capped')
      union all
      select next_period_at from smart_alert_rules
    ) as due (at)`.execute(world.service.sql);
  const at = rows[0]?.at ?? null;
  return at === null ? null : Temporal.Instant.from(at);
}

type Line = { at: string; level: number; outcome: string; spent: string; budget: string };
const lineOf = ({ at, level, outcome, spent, budget }: Line) =>
  `${at} ${level} ${outcome} ${spent} ${budget}`;

async function happened({ person, ruleId }: Spender): Promise<Line[]> {
  const decisions: Line[] = await person.decisions(ruleId);
  return decisions.filter(({ outcome }) => outcome !== 'resolved');
}

async function previewed({ person, rule: wanted }: Spender) {
  const { body } = await person.tries('post', '/rules/preview', { rule: wanted, days });
  return body.data;
}

/** What the policy made of an alert is the notification's in the live service, and not the decision's. */
const decided = (line: Line): Line => ({
  ...line,
  outcome: ['deferred', 'capped', 'grouped'].includes(line.outcome) ? 'notified' : line.outcome,
});

/** Mails about the rule; a digest is no interruption. */
async function countInterruptions({ person }: Spender): Promise<number> {
  const notifications = await person.notifications();
  return notifications.filter(
    ({ type, deliveries }) =>
      type !== 'daily_summary' &&
      deliveries.some(({ channel, status }) => channel === 'email' && status === 'sent'),
  ).length;
}

describe('a preview of what happened', () => {
  test.each([0, 1, 2])('has the alerts of person %i', async (index) => {
    const spender = spenders[index] as Spender;
    const [real, { alerts }] = [await happened(spender), await previewed(spender)];
    expect(real.length).toBeGreaterThan(8);
    expect(alerts.map(decided).map(lineOf)).toEqual(real.map(lineOf));
  });

  test.each([0, 1, 2])('has the interruptions of person %i', async (index) => {
    const spender = spenders[index] as Spender;
    const { interruptions } = await previewed(spender);
    expect(interruptions.total).toBe(await countInterruptions(spender));
    expect(interruptions.total).toBeGreaterThan(2);
  });

  test('meets every outcome that the policy makes of a rule alone', async () => {
    const all = await Promise.all(spenders.map(previewed));
    const outcomes = new Set(all.flatMap(({ alerts }) => alerts.map(({ outcome }: Line) => outcome)));
    expect([...outcomes]).toEqual(
      expect.arrayContaining(['notified', 'superseded', 'deduplicated', 'deferred', 'capped']),
    );
  });
});
