/** An expense outside a rule's periods needs no evaluation for that rule, and one inside does until its sum is known. */
import { expect, test } from 'vitest';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import type { BudgetPeriod } from '../../../src/values/period.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import { countOf, draftOf, evaluate, makeTenant, start } from '../../support/worlds/alerts/batches.ts';

const { db } = await databaseOfFile();

const expenseAt = (hours: number) => [
  {
    id: `event-${hours}`,
    time: start,
    expenseId: `expense-${hours}`,
    expense: {
      userId: 'p01',
      categoryId: 'food',
      amountMinor: 100n,
      currency: 'USD',
      spentAt: start.add({ hours }),
    },
  },
];

const evaluatedOf = async (period: BudgetPeriod, hours: number) => {
  const tenantId = await makeTenant(db, ['p01']);
  await createRule(db, { tenantId, userId: 'p01' }, draftOf({ period }), start);
  const before = await countOf(db, 'rule_spend', tenantId);
  const result = await evaluate(db, tenantId, expenseAt(hours));
  expect(result).toMatchObject({ events: 1, failed: 0 });
  const added = (await countOf(db, 'rule_spend', tenantId)) - before;
  return { evaluated: result?.evaluated, added };
};

const fortnights = { rrule: 'FREQ=WEEKLY;INTERVAL=2', start: '2026-10-30' };
const trip = { start: '2026-10-30', end: '2026-11-10' };

// It is noon on the last day of October.
test.each<[string, BudgetPeriod, number, number, number]>([
  ['before the start of a recurrence', fortnights, -48, 0, 0],
  ['before a trip', trip, -48, 0, 0],
  ['in the current period, whose sum is known', fortnights, -1, 0, 0],
  ['in a trip, whose sum is known', trip, -1, 0, 0],
  ['before a recurrence that has yet to begin', { ...fortnights, start: '2026-11-13' }, -1, 0, 0],
  ['before a trip that has yet to begin', { start: '2026-11-01', end: '2026-11-10' }, -1, 0, 0],
  ['in another month, whose sum is not known', 'monthly', -24 * 31, 1, 1],
])('an expense %s', async (_name, period, hours, evaluated, added) => {
  expect(await evaluatedOf(period, hours)).toEqual({ evaluated, added });
});
