import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { sql as statement } from 'kysely';
import { expect, test } from 'vitest';
import { rebuildSpending } from '../../../src/alerts/spending/rebuild-spending.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import type { ModelRule } from '../../support/reference/reference-levels.ts';
import { decisionsOf, evaluate, makeTenant, start } from '../../support/worlds/alerts/batches.ts';
import { hearAlerts } from '../../support/worlds/alerts/hear-alerts.ts';
import { makeModelWorld, type News, toEvent } from '../../support/worlds/alerts/model-world.ts';
import { runPeriodJobs } from '../../support/worlds/alerts/period-jobs.ts';

const { db, sql } = await databaseOfFile();

const days: Omit<ModelRule, 'id' | 'rollover'> = {
  userId: 'p01',
  categoryId: null,
  currency: 'USD',
  period: 'daily',
  budgetMinor: 4000n,
  levels: [50, 100, 150],
  cooldownMinutes: 60,
};

const rules: Omit<ModelRule, 'id'>[] = [
  { ...days, rollover: 'unspent' },
  { ...days, rollover: 'both', categoryId: 'food', levels: [80, 100], severe: [80] },
  { ...days, rollover: 'both', period: 'weekly', budgetMinor: 9000n, cooldownMinutes: 0 },
  {
    ...days,
    rollover: 'both',
    period: { rrule: 'FREQ=DAILY;INTERVAL=2', start: '2026-10-29' },
    budgetMinor: 6000n,
  },
  days,
];

/**
 * Days before and after the beginning of the world, in which a budget is often left and often exceeded. Every other expense is
 * new, so that it may stay within the guards.
 */
const newsArbitrary: fc.Arbitrary<News> = fc.record({
  sequence: fc.constant(null),
  isUpdate: fc.boolean(),
  minute: fc.integer({ min: 0, max: 4 }),
  expense: fc.oneof(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 10, max: 1_000_000 })),
  isDeleted: fc.constantFrom(false, false, false, true),
  userId: fc.constant('p01'),
  categoryId: fc.constantFrom('food', 'rent'),
  currency: fc.constant('USD'),
  amountMinor: fc.constantFrom(500n, 1000n, 2000n, 3999n, -2000n, -1000n, -4000n, 9000n),
  spentHours: fc.integer({ min: -40, max: 120 }),
});

/** Time goes on by less than a day at once, so that no day is skipped. */
const actionArbitrary = fc.oneof(
  { weight: 6, arbitrary: fc.array(newsArbitrary, { minLength: 1, maxLength: 4 }) },
  { weight: 3, arbitrary: fc.constantFrom(10, 30, 700, 1300, 1300) },
  { weight: 4, arbitrary: fc.constant('hear' as const) },
);

async function live(actions: readonly (News[] | number | 'hear')[]) {
  const tenantId = await makeTenant(db, ['p01']);
  const { model } = await makeModelWorld(db, tenantId, { zones: {}, rules, at: start });
  let now = start;
  let count = 0;
  for (const action of actions) {
    if (action === 'hear') {
      await hearAlerts(db, tenantId, now);
      model.hear();
    } else if (typeof action === 'number') {
      now = now.add({ minutes: action });
      await runPeriodJobs(db, tenantId, now);
      model.advance(now);
    } else {
      const events = action.map((news) => toEvent(news, (count += 1), start));
      await evaluate(db, tenantId, events, now);
      model.evaluate(events);
    }
  }
  return { tenantId, model, now };
}

async function expectSame({ tenantId, model }: Awaited<ReturnType<typeof live>>): Promise<void> {
  const stored = (await decisionsOf(db, tenantId)).map((row) =>
    [row.rule_id, row.period_start, row.level, row.outcome, row.spent_minor].join(' '),
  );
  const modelled = model.decisions.map((row) =>
    [row.ruleId, row.periodStart, row.level, row.outcome, row.spentMinor].join(' '),
  );
  assert.deepEqual(byPeriod(stored), byPeriod(modelled));
  const { rows } = await statement<{ key: string }>`
    select concat_ws(' ', rule_id, period_start, level) as key from alert_states
    where tenant_id = ${tenantId} and is_open`.execute(sql);
  assert.deepEqual(rows.map(({ key }) => key).sort(), model.openLevels().sort());
  const reached = new Set(model.reachedLevels());
  expect(model.openLevels().filter((level) => !reached.has(level))).toEqual([]);
  const kept = await statement<{ key: string }>`
    select concat_ws(' ', rule_id, period_start, left_before) as key from rule_spend
    where tenant_id = ${tenantId} and left_before is not null`.execute(sql);
  assert.deepEqual(kept.rows.map(({ key }) => key).sort(), model.lefts().sort());
}

const byPeriod = (rows: readonly string[]): Record<string, string[]> =>
  Object.fromEntries(Map.groupBy(rows, (row) => row.split(' ').slice(0, 2).join(' ')));

test('any stream of events over some days carries over as the reference model does', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(actionArbitrary, { minLength: 30, maxLength: 40, size: 'max' }),
      async (actions) => {
        const world = await live(actions);
        await expectSame(world);
        await rebuildSpending(db, [{ tenantId: world.tenantId, userId: 'p01' }], world.now);
        await expectSame(world);
        for (const { outcome } of await decisionsOf(db, world.tenantId)) seen.add(outcome);
      },
    ),
    { seed: 1606, numRuns: 16, interruptAfterTimeLimit: 40_000 },
  );
  expect([...seen].sort()).toEqual(['deduplicated', 'notified', 'past_period', 'resolved', 'superseded']);
});
