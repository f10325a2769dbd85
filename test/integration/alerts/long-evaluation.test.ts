/** A person with many rules and many events leaves the event loop to others while their events are evaluated. */
import { sql as statement } from 'kysely';
import { expect, test } from 'vitest';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { maxActiveRules } from '../../../src/alerts/rules/active-rules-limit.ts';
import { type BudgetPeriod, periodKinds } from '../../../src/values/period.ts';
import { measureStalls } from '../../support/checks/longest-stall.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import { countOf, draftOf, evaluate, makeTenant, start } from '../../support/worlds/alerts/batches.ts';

const { db } = await databaseOfFile();

/** A thousand expenses over the year before. */
const yearOfEvents = (currency: string) =>
  Array.from({ length: 1000 }, (_, number) => ({
    id: `event-${number}`,
    time: start,
    expenseId: `expense-${number}`,
    expense: {
      userId: 'p01',
      categoryId: 'food',
      amountMinor: 100n,
      currency,
      spentAt: start.subtract({ minutes: 525 * number }),
    },
  }));

type Kind = 'daily' | 'mixed' | 'recurring';

const kinds: Record<Kind, (number: number) => BudgetPeriod> = {
  daily: () => 'daily',
  mixed: (number) => periodKinds[number % periodKinds.length] ?? 'daily',
  // From one day long to a hundred.
  recurring: (number) => ({ rrule: `FREQ=DAILY;INTERVAL=${number + 1}`, start: '2025-01-01' }),
};

/** How many such periods hold an expense: the quotients of the expenses' days, counted from the start of the rules. */
function countRecurring(): number {
  const days = yearOfEvents('USD').map(({ expense: { spentAt } }) =>
    Math.floor((spentAt.epochMilliseconds - Date.UTC(2025, 0, 1)) / 86_400_000),
  );
  const lengths = Array.from({ length: maxActiveRules }, (_, number) => number + 1);
  return lengths.reduce((sum, length) => sum + new Set(days.map((day) => Math.floor(day / length))).size, 0);
}

const longestStallMs = 80;

/** A person with as many rules as one may have, and a rate of the euro for each day of the year. */
async function makePerson(kindOf: (number: number) => BudgetPeriod): Promise<string> {
  const tenantId = await makeTenant(db, ['p01']);
  for (let number = 0; number < maxActiveRules; number += 1) {
    const draft = draftOf({ period: kindOf(number), budgetMinor: 200n });
    await createRule(db, { tenantId, userId: 'p01' }, draft, start);
  }
  await db.transaction([tenantId], (sql) =>
    statement`
      insert into fx_rates (tenant_id, date, base, currency, rate)
      select ${tenantId}::uuid, day::date, 'USD', 'EUR', 0.9
      from generate_series('2025-10-25'::date, '2026-10-31', '1 day') day`.execute(sql),
  );
  return tenantId;
}

async function measure(kind: Kind, currency: string, periods: number): Promise<number> {
  const tenantId = await makePerson(kinds[kind]);
  const work = () => evaluate(db, tenantId, yearOfEvents(currency));
  const { result, longestMs } = await measureStalls(work);
  expect(result).toMatchObject({ events: 1000, failed: 0 });
  expect(await countOf(db, 'rule_spend', tenantId)).toBe(periods);
  return longestMs;
}

test.each([
  ['mixed', 'USD', 8_740],
  ['daily', 'EUR', 36_500],
  ['recurring', 'USD', countRecurring()],
] as const)(
  'a thousand events over a year under a hundred %s rules, in %s, never stop the process for long',
  async (kind, currency, periods) => {
    // Collected garbage may fall into a try.
    let longestMs = Infinity;
    for (let tries = 0; tries < 3 && longestMs > longestStallMs; tries += 1)
      longestMs = await measure(kind, currency, periods);
    expect(longestMs).toBeLessThanOrEqual(longestStallMs);
  },
  300_000,
);
