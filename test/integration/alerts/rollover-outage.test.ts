/** A budget carries over the same after an outage, whichever expenses of the days in between arrive first and together. */
import { sql as statement } from 'kysely';
import { expect, test } from 'vitest';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { changeTimezone } from '../../../src/settings/change-timezone.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import {
  decisionsOf,
  draftOf,
  evaluate,
  levelsOf,
  makeTenant,
  start,
} from '../../support/worlds/alerts/batches.ts';
import { runPeriodJobs } from '../../support/worlds/alerts/period-jobs.ts';

const { db, sql } = await databaseOfFile();

const userId = 'p01';

/** An expense `hours` after the first moment, of its own or moved to there. */
const expenseAt = (hours: number, amountMinor: bigint, expenseId = `expense-${hours}`, currency = 'USD') => ({
  id: `${expenseId} at ${hours}`,
  time: start.add({ hours }),
  expenseId,
  isUpdate: true,
  expense: { userId, categoryId: 'food', amountMinor, currency, spentAt: start.add({ hours }) },
});

const carrying = async () => {
  const tenantId = await makeTenant(db, [userId]);
  const draft = draftOf({ period: 'daily', rollover: 'both' });
  await createRule(db, { tenantId, userId }, draft, start);
  return tenantId;
};

const leftBefore = async (tenantId: string, day: string) => {
  const { rows } = await statement<{ left_before: string | null }>`
    select left_before from rule_spend where tenant_id = ${tenantId} and period_start = ${day}`.execute(sql);
  return rows[0]?.left_before;
};

/** A moment of the third day after the first in which the second may still alert. The one before it is closed. */
const later = start.add({ hours: 71 });
const [closed, past, current] = [expenseAt(24, 1_000n), expenseAt(48, 2_000n), expenseAt(70, 3_000n)];

test.each([
  ['together', [[closed, past, current]], 27_000],
  ['one by one', [[closed], [past], [current]], 27_000],
  ['the closed day first and the others together', [[closed], [past, current]], 27_000],
  // What comes for a closed day after the next has begun stays out of what that one carried.
  ['the latest first', [[current], [past], [closed]], 28_000],
  ['the day that may still alert first', [[past], [closed, current]], 28_000],
])('expenses of days without an evaluation carry over, %s', async (_name, batches, left) => {
  const tenantId = await carrying();
  for (const batch of batches)
    expect(await evaluate(db, tenantId, batch, later)).toMatchObject({ events: batch.length, failed: 0 });
  await runPeriodJobs(db, tenantId, later);
  expect(await leftBefore(tenantId, '2026-11-03')).toBe(String(left));
});

test('an expense moves from a closed day to one that begins with it', async () => {
  const tenantId = await carrying();
  const moved = (hours: number) => [expenseAt(hours, 1_000n, 'moved')];
  await evaluate(db, tenantId, moved(25), start);
  expect(await evaluate(db, tenantId, moved(70), later)).toMatchObject({ events: 1, failed: 0 });
  await runPeriodJobs(db, tenantId, later);
  expect(await leftBefore(tenantId, '2026-11-03')).toBe('30000');
});

test('a period that was opened before a change of time zone carries what is spent late in the one before', async () => {
  const tenantId = await makeTenant(db, [userId]);
  const owner = { tenantId, userId };
  const moveTo = (zone: string, at: Temporal.Instant) =>
    db.transaction([tenantId], (tx) => changeTimezone(tx, owner, zone, at));
  await moveTo('Pacific/Auckland', start.subtract({ hours: 48 }));
  await createRule(db, owner, draftOf({ rollover: 'both' }), start.subtract({ hours: 48 }));
  await runPeriodJobs(db, tenantId, start);
  expect(await leftBefore(tenantId, '2026-11-01')).toBe('10000');
  await moveTo('UTC', start);
  const november = start.add({ hours: 13 });
  await runPeriodJobs(db, tenantId, november);
  await evaluate(db, tenantId, [expenseAt(11, 1_000n)], november);
  expect(await leftBefore(tenantId, '2026-11-01')).toBe('9000');
});

test('a period with a row from before it began carries what is spent late in the one before', async () => {
  const tenantId = await carrying();
  // No rate is known, so the decision that leaves it out made the row.
  await evaluate(db, tenantId, [expenseAt(24, 500n, 'ahead', 'EUR')], start);
  const next = start.add({ hours: 13 });
  await runPeriodJobs(db, tenantId, next);
  expect(await leftBefore(tenantId, '2026-11-01')).toBe('10000');
  await evaluate(db, tenantId, [expenseAt(11, 1_000n)], next);
  expect(await leftBefore(tenantId, '2026-11-01')).toBe('9000');
});

test('budgets of any size carry over for years', async () => {
  const tenantId = await makeTenant(db, [userId]);
  const owner = { tenantId, userId };
  const largest = 10n ** 18n - 1n;
  const draft = draftOf({
    period: 'daily',
    rollover: 'unspent',
    budgetMinor: largest,
    thresholds: levelsOf(10),
  });
  await createRule(db, owner, draft, start);
  const tenDaysOn = start.add({ hours: 240 });
  await runPeriodJobs(db, tenantId, tenDaysOn);
  const spent = [1, 2, 3].map((number) => expenseAt(240, largest, `vast-${number}`));
  expect(await evaluate(db, tenantId, spent, tenDaysOn)).toMatchObject({ events: 3, failed: 0 });
  expect((await decisionsOf(db, tenantId)).map(({ level }) => level)).toEqual([10]);
});
