/** Compares the end state of a service with the story that it was posted. Shares no code with `src`. */
import type { QueryResultRow } from 'pg';
import { expect } from 'vitest';
import { formatPence, type Story, type StoryExpense } from '../worlds/statement-story.ts';

export type Budget = { ruleId: string; userId: string; categoryId: string; pence: bigint };

/** `read` queries as the database owner; `month` is `YYYY-MM`. */
export type Ended = {
  read<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  story: Story;
  budgets: readonly Budget[];
  month: string;
};

/** The default levels of a rule. */
const levels = [80, 95, 100, 150];

/** Checks that every sum equals the expenses at the story's end, and that every event was applied. */
export async function expectSameSums({ read, story, budgets, month }: Ended): Promise<void> {
  const days = await read<{ key: string; sum: string }>(`
      select concat_ws('|', user_id, category_id, day) as key, amount_minor as sum from daily_spend
      where expense_count <> 0`);
  const expected = sumBy(story.ends, ({ userId, categoryId, day }) => `${userId}|${categoryId}|${day}`);
  expect(new Map(days.map(({ key, sum }) => [key, BigInt(sum)]))).toEqual(expected);
  const [counts] = await read(`
      select (select count(*)::int from expenses where user_id is not null) as live,
        (select count(*)::int from events) as events,
        (select count(*)::int from events where error is not null) as failed`);
  const known = new Set(story.events.map(({ id }) => id));
  expect(counts).toEqual({ live: story.ends.length, events: known.size, failed: 0 });
  const kept = await read<{ rule_id: string; spent_minor: string }>(
    `select rule_id, spent_minor from rule_spend where period_start = $1`,
    [`${month}-01`],
  );
  const spent = monthly(story.ends);
  expect(new Map(kept.map((row) => [row.rule_id, BigInt(row.spent_minor)]))).toEqual(
    new Map(
      budgets.map((rule) => [rule.ruleId, spent.get(`${rule.userId}|${rule.categoryId}|${month}`) ?? 0n]),
    ),
  );
}

/** Checks that the levels reached at the end are open, each notified once, and every notification sent once. */
export async function expectNotifiedOnce({ read, story, budgets, month }: Ended): Promise<void> {
  const spent = monthly(story.ends);
  const reached = budgets.flatMap(({ ruleId, userId, categoryId, pence }) =>
    levels
      .filter(
        (level) => (spent.get(`${userId}|${categoryId}|${month}`) ?? 0n) * 100n >= BigInt(level) * pence,
      )
      .map((level) => `${ruleId} ${level}`),
  );
  expect(reached.length).toBeGreaterThan(50);
  const open = await read<{ key: string }>(
    `
      select concat_ws(' ', rule_id, level) as key from alert_states
    where is_open and period_start = $1`,
    [`${month}-01`],
  );
  expect(open.map(({ key }) => key).sort()).toEqual(reached.sort());
  // The cooldown of an hour is longer than the test, so no level may be notified twice.
  const twice = await read(`
      select rule_id, level from alert_decisions where outcome = 'notified'
      group by rule_id, period_start, level having count(*) > 1`);
  expect(twice).toEqual([]);
  const unmatched = await read(`
      select n.id from notification_history n
      full join alert_decisions d on d.notification_id = n.id and d.outcome = 'notified'
      where n.id is null and d.outcome = 'notified' or d.rule_id is null or n.status <> 'sent'`);
  expect(unmatched).toEqual([]);
  const deliveries = await read(`
      select notification_id from notification_deliveries
      group by notification_id having count(*) <> 1 or min(status) <> 'sent'`);
  expect(deliveries).toEqual([]);
  const [counts] = await read(`
      select (select count(*)::int from alert_decisions) as decisions,
        (select count(*)::int from notification_history) as notifications`);
  expect(Number(counts?.['notifications'])).toBeGreaterThan(20);
  process.stderr.write(`chaos: ${JSON.stringify(counts)}\n`);
}

/** Makes rules for people and categories with spending in the month, with two thirds of it as budget. */
export async function makeBudgets(
  story: Story,
  month: string,
  post: (path: string, credential: string, body: object) => Promise<Record<string, unknown>>,
  adminKey: string,
): Promise<Budget[]> {
  const wanted = wantedBudgets(story.ends, month).slice(0, 300);
  expect(wanted.length).toBeGreaterThan(50);
  const made: Budget[] = [];
  for (const { userId, categoryId, pence } of wanted) {
    const { token } = await post('/api/tokens', adminKey, { userId });
    const rule = await post('/api/smart-alerts/rules', String(token), {
      categoryId,
      budgetAmount: formatPence(pence),
      channels: ['in-app'],
    });
    made.push({ ruleId: String(Object(rule['data']).id), userId, categoryId, pence });
  }
  return made;
}

function sumBy(
  expenses: readonly StoryExpense[],
  keyOf: (expense: StoryExpense) => string,
): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const expense of expenses) sums.set(keyOf(expense), (sums.get(keyOf(expense)) ?? 0n) + expense.pence);
  return sums;
}

const monthly = (expenses: readonly StoryExpense[]): Map<string, bigint> =>
  sumBy(expenses, ({ userId, categoryId, day }) => `${userId}|${categoryId}|${day.slice(0, 7)}`);

function wantedBudgets(expenses: readonly StoryExpense[], month: string) {
  return [...monthly(expenses)].flatMap(([key, pence]) => {
    const [userId = '', categoryId = '', when = ''] = key.split('|');
    const budget = (pence * 2n) / 3n;
    return when === month && budget > 0n ? [{ userId, categoryId, pence: budget }] : [];
  });
}
