import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../src/db/database.ts';
import { changeTimezone } from '../../src/db/queries/change-timezone.ts';
import { createRule } from '../../src/db/queries/create-rule.ts';
import { endDueCooldowns } from '../../src/db/queries/end-cooldowns.ts';
import { openPeriods } from '../../src/db/queries/open-periods.ts';
import { rebuildSpending } from '../../src/db/queries/rebuild-spending.ts';
import { createLog } from '../../src/log.ts';
import { countOf, decisionsOf, draftOf, evaluate, levelsOf, makeTenant, start } from '../support/batches.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { type ModelEvent, type ModelRule, ReferenceModel } from '../support/reference-model.ts';

let database: FreshDatabase;
let db: Database;

beforeAll(async () => {
  database = await freshDatabase();
  db = await Database.open({ url: database.url, log: createLog('silent'), poolSize: 4 });
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

/** A month's border, a zone's clock change and every kind of period lie within the stream's days. */
const rules: Omit<ModelRule, 'id'>[] = [
  {
    userId: 'p01',
    categoryId: null,
    currency: 'USD',
    period: 'monthly',
    budgetMinor: 10_000n,
    levels: [80, 95, 100, 150],
    cooldownMinutes: 60,
  },
  {
    userId: 'p01',
    categoryId: 'food',
    currency: 'USD',
    period: 'weekly',
    budgetMinor: 6000n,
    levels: [100, 50],
    cooldownMinutes: 30,
  },
  {
    userId: 'p01',
    categoryId: 'rent',
    currency: 'USD',
    period: 'daily',
    budgetMinor: 4000n,
    levels: [100],
    cooldownMinutes: 240,
  },
  {
    userId: 'p02',
    categoryId: null,
    currency: 'USD',
    period: 'daily',
    budgetMinor: 5000n,
    levels: [80, 100, 200],
    cooldownMinutes: 60,
  },
  {
    userId: 'p02',
    categoryId: 'food',
    currency: 'EUR',
    period: 'yearly',
    budgetMinor: 5000n,
    levels: [80, 95, 100, 150],
    cooldownMinutes: 0,
  },
  {
    userId: 'p02',
    categoryId: 'rent',
    currency: 'USD',
    period: 'quarterly',
    budgetMinor: 9000n,
    levels: [33, 66, 99],
    cooldownMinutes: 600,
  },
];

const often = <T>(usual: T, rare: T) => fc.constantFrom(usual, usual, usual, usual, rare);
const newsArbitrary = fc.record({
  tie: fc.constantFrom('a', 'b', 'c'),
  minute: fc.integer({ min: 0, max: 4 }),
  expense: fc.integer({ min: 0, max: 5 }),
  isDeleted: often(false, true),
  userId: often('p01', 'p02'),
  categoryId: fc.constantFrom('food', 'rent'),
  currency: often('USD', 'EUR'),
  amountMinor: fc.constantFrom(8000n, 5000n, 4000n, 3999n, 1000n, 500n, -500n, -4000n, 20_000n),
  spentHours: fc.oneof(fc.integer({ min: -12, max: 12 }), fc.integer({ min: -288, max: 96 })),
});
type News = typeof newsArbitrary extends fc.Arbitrary<infer T> ? T : never;

const toEvent = (news: News, index: number): ModelEvent => ({
  id: `${news.tie}${index}`,
  time: start.add({ minutes: news.minute }),
  expenseId: `x${news.expense}`,
  expense: news.isDeleted
    ? null
    : {
        userId: news.userId,
        categoryId: news.categoryId,
        currency: news.currency,
        amountMinor: news.amountMinor,
        spentAt: start.add({ hours: news.spentHours }),
      },
});

const actionArbitrary = (batchSize: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.array(newsArbitrary, { minLength: 1, maxLength: batchSize }) },
    { weight: 1, arbitrary: fc.record({ waitMinutes: fc.constantFrom(1, 29, 31, 59, 60, 61, 240, 360) }) },
  );

/** The database and the model live through the same, side by side. */
class Twin {
  readonly tenantId: string;
  readonly #rules: ModelRule[];
  readonly #model: ReferenceModel;
  #now = start;

  private constructor(tenantId: string, known: ModelRule[]) {
    this.tenantId = tenantId;
    this.#rules = known;
    this.#model = new ReferenceModel(
      known,
      (userId) => (userId === 'p02' ? 'America/New_York' : 'UTC'),
      start,
    );
  }

  static async begin(): Promise<Twin> {
    const tenantId = await makeTenant(db, ['p01', 'p02']);
    await changeTimezone(db, { tenantId, userId: 'p02' }, 'America/New_York', start);
    const known: ModelRule[] = [];
    for (const rule of rules) {
      const draft = draftOf({ ...rule, thresholds: levelsOf(...rule.levels) });
      const { ruleId } = await createRule(db, { tenantId, userId: rule.userId }, draft, start);
      known.push({ ...rule, id: ruleId });
    }
    return new Twin(tenantId, known);
  }

  async evaluate(events: readonly ModelEvent[]): Promise<void> {
    await evaluate(db, this.tenantId, events, this.#now);
    this.#model.evaluate(events);
  }

  async wait(minutes: number): Promise<void> {
    this.#now = this.#now.add({ minutes });
    await openPeriods(db, 500, this.#now);
    await endDueCooldowns(db, 500, this.#now);
    this.#model.advance(this.#now);
  }

  async repair(): Promise<void> {
    const people = ['p01', 'p02'].map((userId) => ({ tenantId: this.tenantId, userId }));
    await rebuildSpending(db, people, this.#now);
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
    const told = rows.filter(({ outcome }) => outcome === 'notified');
    assert.deepEqual(
      told.filter((row) => row.notification_id === null),
      [],
    );
    assert.deepEqual(await countOf(db, 'notification_history', this.tenantId), told.length);
  }

  async expectSameSums(): Promise<void> {
    const days = await statement<{ key: string; amount: string; count: number }>`
      select concat_ws(' ', user_id, day, category_id, currency) as key, amount_minor as amount,
        expense_count as count
      from daily_spend where tenant_id = ${this.tenantId} and expense_count <> 0`.execute(db.sql);
    const daily = [...this.#model.dailySpend()].map(
      ([key, { amountMinor, count }]) => `${key} ${amountMinor} ${count}`,
    );
    assert.deepEqual(
      days.rows.map(({ key, amount, count }) => `${key} ${amount} ${count}`).sort(),
      daily.sort(),
    );
    const spend = await statement<{ rule_id: string; start: string; spent: string }>`
      select rule_id, period_start as start, spent_minor as spent from rule_spend
      where tenant_id = ${this.tenantId} and spent_minor <> 0`.execute(db.sql);
    const begun = spend.rows.filter(({ rule_id, start }) =>
      this.#rules.some((rule) => rule.id === rule_id && this.#model.hasBegun(rule, start)),
    );
    const sums = [...this.#model.ruleSpend()]
      .filter(([, sum]) => sum !== 0n)
      .map(([key, sum]) => `${key} ${sum}`);
    assert.deepEqual(begun.map((row) => `${row.rule_id} ${row.start} ${row.spent}`).sort(), sums.sort());
    const open = await statement<{ key: string }>`
      select concat_ws(' ', rule_id, period_start, level) as key from alert_states
      where tenant_id = ${this.tenantId} and is_open`.execute(db.sql);
    assert.deepEqual(open.rows.map(({ key }) => key).sort(), this.#model.openLevels().sort());
    assert.deepEqual(this.#model.openLevels().sort(), this.#model.reachedLevels().sort());
  }
}

const instant = (text: string | null): string =>
  text === null ? '' : Temporal.Instant.from(text).toString();

/** In the order of the rows within each rule and period; across them there is none. */
const byPeriod = (rows: readonly string[]): Record<string, string[]> =>
  Object.fromEntries(Map.groupBy(rows, (row) => row.split(' ').slice(0, 2).join(' ')));

async function live(actions: readonly (News[] | { waitMinutes: number })[]): Promise<Twin> {
  const twin = await Twin.begin();
  let count = 0;
  let last: ModelEvent[] = [];
  for (const action of actions) {
    if (Array.isArray(action)) {
      // Some of what came before comes again.
      const events = action.map((news) => toEvent(news, (count += 1)));
      await twin.evaluate([...last.slice(0, 1), ...events]);
      last = events;
    } else await twin.wait(action.waitMinutes);
  }
  return twin;
}

describe('any stream of events', () => {
  test.each([
    ['one by one', 1, 8, 1801],
    ['in batches', 5, 6, 1802],
  ])('%s gives the reference model’s decisions and sums', async (_name, batchSize, numRuns, seed) => {
    const seen = new Set<string>();
    const actions = fc.array(actionArbitrary(batchSize), { minLength: 20, maxLength: 30, size: 'max' });
    await fc.assert(
      fc.asyncProperty(actions, async (stream) => {
        const twin = await live(stream);
        await twin.expectSameDecisions();
        await twin.expectSameSums();
        await twin.repair();
        await twin.expectSameDecisions();
        await twin.expectSameSums();
        for (const { outcome } of await decisionsOf(db, twin.tenantId)) seen.add(outcome);
      }),
      { seed, numRuns, interruptAfterTimeLimit: 40_000 },
    );
    // A stream that never came to one of them would prove nothing about it.
    expect([...seen].sort()).toEqual([
      'deduplicated',
      'no_rate',
      'notified',
      'past_period',
      'resolved',
      'superseded',
    ]);
  });
});
