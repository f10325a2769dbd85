import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { sql as statement } from 'kysely';
import { describe, expect, test } from 'vitest';
import { hearAlerts } from '../../support/worlds/alerts/hear-alerts.ts';
import { runPeriodJobs } from '../../support/worlds/alerts/period-jobs.ts';
import { putFxRates } from '../../../src/settings/put-fx-rates.ts';
import { rebuildSpending } from '../../../src/alerts/spending/rebuild-spending.ts';
import { countOf, decisionsOf, evaluate, makeTenant, start } from '../../support/worlds/alerts/batches.ts';
import {
  makeModelWorld,
  type ModelWorld,
  type News,
  type RateNews,
  rateNewsArbitrary,
  sequenceArbitrary,
  toEvent,
  toRates,
} from '../../support/worlds/alerts/model-world.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import type { ModelRule } from '../../support/reference/reference-levels.ts';
import { stepRules as rules } from '../../support/worlds/alerts/step-rules.ts';
import type { ModelEvent, ReferenceModel } from '../../support/reference/reference-model.ts';

const database = await databaseOfFile();
const { db } = database;

const people = ['p01', 'p02'];
/** The first person has no time zone, and so that of the tenant. */
const zones = { p02: 'America/New_York' };

const often = <T>(usual: T, rare: T) => fc.constantFrom(usual, usual, usual, usual, rare);
const newsArbitrary = fc.record({
  sequence: sequenceArbitrary,
  isUpdate: fc.boolean(),
  minute: fc.integer({ min: 0, max: 4 }),
  expense: fc.integer({ min: 0, max: 5 }),
  isDeleted: often(false, true),
  userId: often('p01', 'p02'),
  categoryId: fc.constantFrom('food', 'rent'),
  currency: fc.constantFrom('USD', 'USD', 'EUR'),
  amountMinor: fc.constantFrom(8000n, 5000n, 4000n, 3999n, 1000n, 500n, -500n, -4000n, 20_000n),
  spentHours: fc.oneof(fc.integer({ min: -12, max: 12 }), fc.integer({ min: -288, max: 96 })),
  kind: fc.constantFrom('purchase', 'purchase', 'purchase', 'purchase', 'fee', 'transfer'),
  status: fc.constantFrom('posted', 'posted', 'posted', 'pending'),
  replaces: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(5) }),
});
const actionArbitrary = (batchSize: number) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.array(newsArbitrary, { minLength: 1, maxLength: batchSize }) },
    { weight: 1, arbitrary: fc.record({ waitMinutes: fc.constantFrom(1, 29, 31, 59, 60, 61, 240, 360) }) },
    { weight: 2, arbitrary: fc.constant('hear' as const) },
    { weight: 1, arbitrary: rateNewsArbitrary },
  );

/** The database and the reference model, which get the same events and rates. */
class Twin {
  readonly tenantId: string;
  readonly #rules: readonly ModelRule[];
  readonly #model: ReferenceModel;
  #now = start;

  private constructor(tenantId: string, { rules: known, model }: ModelWorld) {
    this.tenantId = tenantId;
    this.#rules = known;
    this.#model = model;
  }

  static async begin(): Promise<Twin> {
    const tenantId = await makeTenant(db, people);
    return new Twin(tenantId, await makeModelWorld(db, tenantId, { zones, rules, at: start }));
  }

  async evaluate(events: readonly ModelEvent[]): Promise<void> {
    await evaluate(db, this.tenantId, events, this.#now);
    this.#model.evaluate(events);
  }

  async wait(minutes: number): Promise<void> {
    this.#now = this.#now.add({ minutes });
    await runPeriodJobs(db, this.tenantId, this.#now);
    this.#model.advance(this.#now);
  }

  async hear(): Promise<void> {
    await hearAlerts(db, this.tenantId, this.#now);
    this.#model.hear();
  }

  async price(news: RateNews): Promise<void> {
    const { table, modelled } = toRates(news, start);
    await putFxRates(db, this.tenantId, table, this.#now);
    this.#model.price(modelled);
  }

  async repair(): Promise<void> {
    const persons = people.map((userId) => ({ tenantId: this.tenantId, userId }));
    await rebuildSpending(db, persons, this.#now);
  }

  async expectSameDecisions(): Promise<void> {
    const rows = await decisionsOf(db, this.tenantId);
    const stored = rows.flatMap((row) =>
      row.level === null
        ? []
        : [
            [row.rule_id, row.period_start, row.level, row.outcome, row.spent_minor, instant(row.until)].join(
              ' ',
            ),
          ],
    );
    const modelled = this.#model.decisions.map((row) =>
      [row.ruleId, row.periodStart, row.level, row.outcome, row.spentMinor, row.until ?? ''].join(' '),
    );
    assert.deepEqual(byPeriod(stored), byPeriod(modelled));
    const unrated = rows.flatMap((row) => (row.level === null ? [`${row.rule_id} ${row.expense_id}`] : []));
    const expected = this.#model.unrated.map(({ ruleId, expenseId }) => `${ruleId} ${expenseId}`);
    assert.deepEqual(unrated.sort(), expected.sort());
    const notified = rows.filter(({ outcome }) => outcome === 'notified');
    assert.deepEqual(
      notified.filter((row) => row.notification_id === null),
      [],
    );
    assert.deepEqual(await countOf(db, 'notification_history', this.tenantId), notified.length);
    assert.deepEqual(await this.readRefused(), this.#model.refused.toSorted());
  }

  async readRefused(): Promise<string[]> {
    const { rows } = await statement<{ id: string }>`
      select id from events where tenant_id = ${this.tenantId} and error is not null`.execute(database.sql);
    return rows.map(({ id }) => id).toSorted();
  }

  async expectSameSums(): Promise<void> {
    const days = await statement<{ key: string; amount: string; count: number }>`
      select concat_ws(' ', user_id, day, category_id, currency) as key, amount_minor as amount,
        expense_count as count
      from daily_spend where tenant_id = ${this.tenantId} and expense_count <> 0`.execute(database.sql);
    const daily = [...this.#model.dailySpend()].map(
      ([key, { amountMinor, count }]) => `${key} ${amountMinor} ${count}`,
    );
    assert.deepEqual(
      days.rows.map(({ key, amount, count }) => `${key} ${amount} ${count}`).sort(),
      daily.sort(),
    );
    const spend = await statement<{ rule_id: string; start: string; spent: string }>`
      select rule_id, period_start as start, spent_minor as spent from rule_spend
      where tenant_id = ${this.tenantId} and spent_minor <> 0`.execute(database.sql);
    const begun = spend.rows.filter(({ rule_id, start }) =>
      this.#rules.some((rule) => rule.id === rule_id && this.#model.hasBegun(rule, start)),
    );
    const sums = [...this.#model.ruleSpend()]
      .filter(([, sum]) => sum !== 0n)
      .map(([key, sum]) => `${key} ${sum}`);
    assert.deepEqual(begun.map((row) => `${row.rule_id} ${row.start} ${row.spent}`).sort(), sums.sort());
    const open = await statement<{ key: string }>`
      select concat_ws(' ', rule_id, period_start, level) as key from alert_states
      where tenant_id = ${this.tenantId} and is_open`.execute(database.sql);
    assert.deepEqual(open.rows.map(({ key }) => key).sort(), this.#model.openLevels().sort());
    assert.deepEqual(this.#model.openLevels().sort(), this.#model.reachedLevels().sort());
  }
}

const instant = (text: string | null): string =>
  text === null ? '' : Temporal.Instant.from(text).toString();

/** Groups rows by rule and period and keeps their order within; across groups there is no order. */
const byPeriod = (rows: readonly string[]): Record<string, string[]> =>
  Object.fromEntries(Map.groupBy(rows, (row) => row.split(' ').slice(0, 2).join(' ')));

/** The outcomes, and whether a level that was superseded spoke later. */
function outcomesOf(rows: Awaited<ReturnType<typeof decisionsOf>>): string[] {
  const last = new Map<string, string>();
  return rows.flatMap(({ rule_id, period_start, level, outcome }) => {
    const key = `${rule_id} ${period_start} ${level}`;
    const before = last.get(key);
    last.set(key, outcome);
    return before === 'superseded' && outcome === 'notified'
      ? [outcome, `${before}, then ${outcome}`]
      : [outcome];
  });
}

async function live(
  actions: readonly (News[] | RateNews | 'hear' | { waitMinutes: number })[],
): Promise<Twin> {
  const twin = await Twin.begin();
  let count = 0;
  let last: ModelEvent[] = [];
  for (const action of actions) {
    if (Array.isArray(action)) {
      // The first event of the action before comes again.
      const events = action.map((news) => toEvent(news, (count += 1), start));
      await twin.evaluate([...last.slice(0, 1), ...events]);
      last = events;
    } else if (action === 'hear') await twin.hear();
    else if ('waitMinutes' in action) await twin.wait(action.waitMinutes);
    else await twin.price(action);
  }
  return twin;
}

describe('any stream of events', () => {
  test.each([
    ['one by one', 1, 12, 1817],
    ['in batches', 5, 14, 1802],
  ])('%s gives the reference model’s decisions and sums', async (_name, batchSize, numRuns, seed) => {
    const seen = new Set<string>();
    const actions = fc.array(actionArbitrary(batchSize), { minLength: 30, maxLength: 40, size: 'max' });
    await fc.assert(
      fc.asyncProperty(actions, async (stream) => {
        const twin = await live(stream);
        await twin.expectSameDecisions();
        await twin.expectSameSums();
        await twin.repair();
        await twin.expectSameDecisions();
        await twin.expectSameSums();
        for (const outcome of outcomesOf(await decisionsOf(db, twin.tenantId))) seen.add(outcome);
        if ((await twin.readRefused()).length > 0) seen.add('replaces an expense of another person');
      }),
      { seed, numRuns, interruptAfterTimeLimit: 40_000 },
    );
    // Every outcome has to occur, because the streams prove nothing about one that does not.
    expect([...seen].sort()).toEqual([
      'deduplicated',
      'no_rate',
      'notified',
      'past_period',
      'replaces an expense of another person',
      'resolved',
      'superseded',
      'superseded, then notified',
    ]);
  });
});
