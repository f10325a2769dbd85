import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import * as fc from 'fast-check';
import { sql as statement } from 'kysely';
import { describe, expect, test } from 'vitest';
import { claimBatches } from '../../../src/alerts/evaluate/claim-batches.ts';
import { evaluateBatches } from '../../../src/alerts/evaluate/evaluate-batches.ts';
import { evaluateEvents } from '../../../src/alerts/evaluate/evaluate-events.ts';
import { hearAlerts } from '../../support/worlds/alerts/hear-alerts.ts';
import { runPeriodJobs } from '../../support/worlds/alerts/period-jobs.ts';
import { readEvents } from '../../../src/alerts/evaluate/read-events.ts';
import { createRule, type RuleDraft } from '../../../src/alerts/rules/create-rule.ts';
import type { IncomingEvent } from '../../../src/ingest/decide/event.ts';
import { storeEvents } from '../../../src/ingest/sql/store-events.ts';
import { changeRule } from '../../../src/settings/change-rule.ts';
import { movePerson } from '../../support/worlds/move-person.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import {
  decisionsOf,
  draftOf,
  hashPerson,
  incoming,
  levelsOf,
  makeTenant,
  start,
} from '../../support/worlds/alerts/batches.ts';
import {
  merchantArbitrary,
  type News,
  sequenceArbitrary,
  toEvent,
} from '../../support/worlds/alerts/model-world.ts';

const database = await databaseOfFile();
const { db } = database;

const people = ['p01', 'p02', 'p04', 'p05', 'p06'];

/** Rules of every kind of period and scope. One is in another currency than most expenses, and one excludes merchants. */
const drafts: [userId: string, RuleDraft][] = [
  ['p01', draftOf({ name: 'a', thresholds: levelsOf(80, 95, 100, 150), notifyOnRecovery: true })],
  ['p01', draftOf({ name: 'b', categoryId: 'food', period: 'weekly', budgetMinor: 6000n })],
  ['p02', draftOf({ name: 'c', period: 'daily', budgetMinor: 5000n, thresholds: levelsOf(80, 100, 200) })],
  ['p02', draftOf({ name: 'd', categoryId: 'rent', period: 'yearly', thresholds: levelsOf(33, 66, 99) })],
  ['p02', draftOf({ name: 'e', categoryId: 'travel', currency: 'EUR', budgetMinor: 7000n })],
  ['p05', draftOf({ name: 'f', categoryIds: ['food', 'travel'], budgetMinor: 8000n })],
  ['p06', draftOf({ name: 'g', excludeCategories: ['rent', 'travel'], budgetMinor: 7000n })],
  ['p04', draftOf({ name: 'h', excludeMerchants: ['ACME'], budgetMinor: 5000n })],
  ['p06', draftOf({ name: 'i', period: 'daily', rollover: 'both', budgetMinor: 3000n })],
  ['p05', draftOf({ name: 'j', rollover: 'unspent', notifyOnRecovery: true })],
  ['p01', draftOf({ name: 'k', period: { rrule: 'FREQ=WEEKLY;INTERVAL=2', start: '2026-10-27' } })],
  ['p02', draftOf({ name: 'l', period: { start: '2026-10-30', end: '2026-11-20' }, budgetMinor: 4000n })],
];

const usually = <T>(usual: T, rare: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: rare });

type Bought = News & { merchant: string | null; merchantId: string | null };

/** `expense` below 10 names an expense that other events may name too, and that others may replace. */
const newsArbitrary: fc.Arbitrary<Bought> = fc.record({
  sequence: sequenceArbitrary,
  isUpdate: fc.boolean(),
  minute: fc.integer({ min: 0, max: 4 }),
  expense: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 10, max: 1_000_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }) },
  ),
  isDeleted: usually<boolean>(false, fc.constant(true)),
  userId: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...people) },
    { weight: 1, arbitrary: fc.constant('p03') },
  ),
  categoryId: fc.constantFrom('food', 'rent', 'travel'),
  merchant: merchantArbitrary,
  currency: usually('USD', fc.constant('EUR')),
  amountMinor: fc.constantFrom(100n, 250n, 399n, 400n, 1n, 1200n, -100n, -700n, 4000n),
  spentHours: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -12, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: -800, max: 40 }) },
  ),
  kind: usually('purchase', fc.constantFrom('transfer', 'fee')),
  status: usually('posted', fc.constant('pending')),
  replaces: fc.oneof({ weight: 25, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(9) }),
  merchantId: fc.constantFrom(null, null, null, 'm1', 'm2'),
});

function bought(tenantId: string, { merchant, merchantId, ...news }: Bought, index: number): IncomingEvent {
  const event = incoming(tenantId, toEvent(news, index, start));
  const merchantRef = merchantId === null ? null : { source: event.source, id: merchantId };
  return { ...event, expense: event.expense && { ...event.expense, merchant, merchantRef } };
}

type Change =
  | { rule: number; changes: Partial<RuleDraft> }
  | { zone: string }
  | { waitMinutes: number }
  | 'hear';

const changeArbitrary: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    rule: fc.integer({ min: 0, max: drafts.length - 1 }),
    changes: fc.constantFrom<Partial<RuleDraft>>(
      { budgetMinor: 8000n },
      { budgetMinor: 3000n },
      { thresholds: levelsOf(50, 100) },
      { categoryId: 'food', categoryIds: null, excludeCategories: [] },
      { categoryId: null, categoryIds: ['food', 'rent'], excludeCategories: [] },
      { categoryId: null, categoryIds: null, excludeCategories: ['food'] },
      { excludeMerchants: ['Corner Market'] },
      { excludeMerchants: [] },
      { rollover: 'unspent' },
      { rollover: 'both' },
      { rollover: 'none' },
      { currency: 'EUR' },
      { period: { rrule: 'FREQ=DAILY;INTERVAL=3', start: '2026-10-30' } },
      { period: { start: '2026-10-31', end: '2026-11-20' } },
      { isActive: false },
      { isActive: true },
      { notificationsEnabled: false },
      { snoozeUntil: start.add({ hours: 3 }) },
    ),
  }),
  fc.record({ zone: fc.constantFrom('America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'UTC') }),
  fc.record({ waitMinutes: fc.constantFrom(1, 59, 61, 600, 2000) }),
  fc.constant('hear' as const),
);

/** A tenant whose events are evaluated in one of the two ways. */
class World {
  readonly tenantId: string;
  readonly #isOneByOne: boolean;
  readonly #ruleIds: string[] = [];
  #now = start;
  events = 0;
  evaluated = 0;

  private constructor(tenantId: string, isOneByOne: boolean) {
    this.tenantId = tenantId;
    this.#isOneByOne = isOneByOne;
  }

  static async begin(isOneByOne: boolean): Promise<World> {
    const world = new World(await makeTenant(db, people), isOneByOne);
    for (const [userId, draft] of drafts) {
      const { ruleId } = await createRule(db, { tenantId: world.tenantId, userId }, draft, start);
      world.#ruleIds.push(ruleId);
    }
    return world;
  }

  async post(news: readonly Bought[], first: number): Promise<void> {
    const { tenantId } = this;
    const events = news.map((each, index) => bought(tenantId, each, first + index));
    const { batch } = await storeEvents(db, randomUUIDv7(), events, this.#now);
    const batches = { batchIds: [batch?.batchId ?? ''], tenantIds: [tenantId] };
    if (this.#isOneByOne) return this.#evaluateOneByOne(batches);
    const { events: applied, evaluated } = await evaluateBatches(db, batches, this.#now, hashPerson);
    this.events += applied;
    this.evaluated += evaluated;
  }

  #evaluateOneByOne(batches: { batchIds: string[]; tenantIds: string[] }): Promise<void> {
    return db.transaction([this.tenantId], async (sql) => {
      const claimed = await claimBatches(sql, batches, this.#now);
      if (claimed) await evaluateEvents(sql, await readEvents(sql, claimed), this.#now);
    });
  }

  async change(change: Change): Promise<void> {
    const { tenantId } = this;
    if (change === 'hear') {
      await hearAlerts(db, tenantId, this.#now);
    } else if ('zone' in change) {
      await movePerson(db, { tenantId, userId: 'p01' }, change.zone, this.#now);
    } else if ('rule' in change) {
      const owner = { tenantId, userId: drafts[change.rule]?.[0] ?? '' };
      await changeRule(db, owner, this.#ruleIds[change.rule] ?? '', change.changes, this.#now);
    } else {
      this.#now = this.#now.add({ minutes: change.waitMinutes });
      await runPeriodJobs(db, tenantId, this.#now);
    }
  }

  /** Every row that an evaluation writes, without the ids that differ between two tenants. */
  async read(): Promise<Record<string, unknown[]>> {
    const rule = statement`(select name from smart_alert_rules r where r.tenant_id = t.tenant_id and r.id = t.rule_id)`;
    const queries = {
      expenses: statement`select id, event_id, event_type, event_sequence, tied_events, user_id, category_id, amount_minor, currency, spent_at, day, kind, status, merchant, merchant_id, merchant_source from expenses t`,
      days: statement`select user_id, day, category_id, currency, amount_minor, expense_count from daily_spend t`,
      spending: statement`select ${rule} as rule, period_start, period_end, spent_minor, guard_low, guard_high, left_before from rule_spend t`,
      levels: statement`select ${rule} as rule, period_start, level, is_open, notified_at, renotify_at, is_heard, notification_id is not null as has_alert, changed_at from alert_states t`,
      notifications: statement`select ${rule} as rule, user_id, type, title, message, level, period_start, reason, status, created_at from notification_history t`,
      people: statement`select id, registered_at from users t`,
      categories: statement`select id from categories t`,
      merchants: statement`select name, source, merchant_id from merchant_names t`,
      refused: statement`select id, error from events t`,
      profiles: statement`select user_id, since from stale_profiles t`,
      batches: statement`select applied_at, event_count from event_batches t`,
    };
    const tables: Record<string, unknown[]> = {};
    for (const [name, query] of Object.entries(queries)) {
      const { rows } = await statement`${query} where t.tenant_id = ${this.tenantId}`.execute(database.sql);
      tables[name] = rows.map((row) => JSON.stringify(row)).sort();
    }
    // Decisions of one rule are in the order in which they were made.
    const { rows } = await statement`
      select ${rule} as rule, at, level, outcome, period_start, spent_minor, budget_minor, expense_id, until,
        notification_id is not null as notifies
      from alert_decisions t where t.tenant_id = ${this.tenantId} order by rule, number`.execute(
      database.sql,
    );
    return { ...tables, decisions: rows };
  }
}

type Action = Bought[] | Change;

/** Lets both worlds live the same story, compares them, and returns the one that applies events together. */
async function live(story: readonly Action[]): Promise<World> {
  const [together, oneByOne] = [await World.begin(false), await World.begin(true)];
  for (const [index, action] of story.entries())
    for (const world of [together, oneByOne])
      if (Array.isArray(action)) await world.post(action, index * 100);
      else await world.change(action);
  assert.deepEqual(await together.read(), await oneByOne.read());
  return together;
}

describe('any batches of new, edited, moved and deleted expenses', () => {
  test('leave the same rows if those between the guards are applied together as if each were evaluated', async () => {
    const batch = fc.array(newsArbitrary, { minLength: 1, maxLength: 12 });
    const actions = fc.array(
      fc.oneof({ weight: 3, arbitrary: batch }, { weight: 1, arbitrary: changeArbitrary }),
      { minLength: 10, maxLength: 16, size: 'max' },
    );
    const share = { events: 0, evaluated: 0 };
    await fc.assert(
      fc.asyncProperty(actions, async (story) => {
        const together = await live(story);
        share.events += together.events;
        share.evaluated += together.evaluated;
      }),
      { seed: 1303, numRuns: 12, interruptAfterTimeLimit: 45_000 },
    );
    // Both ways have to be taken, because the streams prove nothing about one that is not.
    expect(share.evaluated).toBeGreaterThan(share.events / 10);
    expect(share.evaluated).toBeLessThan(share.events * 0.9);
  });

  test('are evaluated again in a closed period after the rule’s budget changed', async () => {
    const lastMonth = { ...usual, spentHours: -800 };
    const { tenantId } = await live([
      [{ ...lastMonth, expense: 1, amountMinor: 4000n }],
      { rule: 0, changes: { budgetMinor: 5100n } },
      [{ ...lastMonth, expense: 2, amountMinor: 100n }],
    ]);
    const outcomes = (await decisionsOf(db, tenantId)).map(({ outcome }) => outcome);
    expect(outcomes).toContain('past_period');
  });
});

const usual = {
  sequence: null,
  isUpdate: false,
  minute: 0,
  isDeleted: false,
  userId: 'p01',
  categoryId: 'travel',
  currency: 'USD',
  merchant: null,
  merchantId: null,
};
