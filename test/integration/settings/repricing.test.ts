/** Exchange rates that cover many expenses: their sums are priced anew by a job, and nothing is decided by a mixed sum. */
import { hearAlerts } from '../../support/worlds/alerts/hear-alerts.ts';
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { endDueCooldowns, findEndedCooldowns } from '../../../src/alerts/evaluate/end-cooldowns.ts';
import { compareSpending } from '../../../src/alerts/spending/compare-spending.ts';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { putFxRates } from '../../../src/settings/put-fx-rates.ts';
import { deleteOldRepricings, readRepricing } from '../../../src/settings/repricing-jobs.ts';
import { findStalePeople, repricePeople } from '../../../src/settings/reprice-people.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import {
  decisionsOf,
  draftOf,
  evaluate,
  levelsOf,
  makeTenant,
  start,
} from '../../support/worlds/alerts/batches.ts';

const { db, sql } = await databaseOfFile();

const day = start.toString().slice(0, 10);
const many = 1001;

let tenantId: string;
let ruleId: string;

const expense = (userId: string, currency: string, amountMinor: bigint) => {
  const id = randomUUIDv7();
  const facts = { userId, categoryId: 'food', currency, amountMinor, spentAt: start };
  return { id, time: start, expenseId: id, expense: facts };
};

const spend = (userId: string, currency: string, amountMinor: bigint, now = start) =>
  evaluate(db, tenantId, [expense(userId, currency, amountMinor)], now);

const putRate = (rate: string) =>
  putFxRates(db, tenantId, { date: day, base: 'USD', rates: { EUR: rate } }, start);

async function reprice(limit = 100): Promise<number> {
  const people = await db.transaction([tenantId], (each) =>
    findStalePeople(each, [tenantId], limit, start, []),
  );
  if (people.length === 0) return 0;
  return (await repricePeople(db, people, start)).expenses;
}

const state = async (id: string | null) =>
  db.transaction([tenantId], (each) => readRepricing(each, { tenantId, id: id ?? '' }));

async function spentOf(userId: string): Promise<string | undefined> {
  const { rows } = await statement<{ spent: string }>`
    select s.spent_minor as spent
    from rule_spend s join smart_alert_rules r on r.tenant_id = s.tenant_id and r.id = s.rule_id
    where s.tenant_id = ${tenantId} and r.user_id = ${userId}`.execute(sql);
  return rows[0]?.spent;
}

const openedBy = async (id = ruleId): Promise<string[]> =>
  (await decisionsOf(db, tenantId))
    .filter(({ rule_id }) => rule_id === id)
    .map(({ level, outcome, spent_minor: spent }) => `${level} ${outcome} at ${spent}`);

/** Somebody whose thousand euros cent by cent make the rates cover many, and two others with 40 euros each. */
beforeEach(async () => {
  tenantId = await makeTenant(db, ['crowd', 'p01', 'p02']);
  await putRate('1');
  for (const userId of ['crowd', 'p01', 'p02']) {
    const draft = draftOf({ budgetMinor: 10_000n, thresholds: levelsOf(100), cooldownMinutes: 60 });
    const rule = await createRule(db, { tenantId, userId }, draft, start);
    if (userId === 'p01') ({ ruleId } = rule);
  }
  await evaluate(
    db,
    tenantId,
    Array.from({ length: many - 2 }, () => expense('crowd', 'EUR', 1n)),
  );
  await spend('p01', 'EUR', 4_000n);
  await spend('p02', 'EUR', 4_000n);
});

describe('rates that cover more than a thousand expenses', () => {
  test('are stored at once, and their expenses are priced in portions whose state can be read', async () => {
    const { repricingId, evaluated, stored } = await putRate('0.4');
    expect(stored.rates).toEqual({ EUR: '0.4' });
    expect(evaluated).toEqual({ notifications: [], outcomes: [] });
    expect(await state(repricingId)).toEqual({ done: 0, total: many });
    expect([await spentOf('p01'), await spentOf('p02')]).toEqual(['4000', '4000']);
    expect(await reprice(2)).toBe(many - 1);
    expect(await state(repricingId)).toEqual({ done: many - 1, total: many });
    expect([await spentOf('p01'), await spentOf('p02')]).toEqual(['10000', '4000']);
    expect(await openedBy()).toEqual(['100 notified at 10000']);
    expect(await reprice(2)).toBe(1);
    expect([await spentOf('p02'), await reprice()]).toEqual(['10000', 0]);
    expect(await state(repricingId)).toEqual({ done: many, total: many });
    expect(await db.transaction([tenantId], (each) => compareSpending(each, tenantId))).toEqual([]);
  });

  test('and rates that cover fewer leave nothing for later', async () => {
    await evaluate(db, tenantId, [{ ...expense('p02', 'EUR', 1n), expense: null }]);
    await sql
      .deleteFrom('smart_alert_rules')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', 'p02')
      .execute();
    const { repricingId, evaluated } = await putRate('0.4');
    expect(repricingId).toBeNull();
    expect(evaluated.outcomes).toEqual(['notified']);
    expect(await spentOf('p01')).toBe('10000');
  });

  test('cause no difference that the nightly comparison would report', async () => {
    await putRate('0.4');
    expect(await db.transaction([tenantId], (each) => compareSpending(each, tenantId))).toEqual([]);
  });

  test('are forgotten once they are done', async () => {
    const { repricingId } = await putRate('0.4');
    const forget = () =>
      db.transaction([tenantId], (each) => deleteOldRepricings(each, tenantId, start.add({ hours: 1 })));
    await forget();
    expect(await state(repricingId)).toEqual({ done: 0, total: many });
    await reprice();
    await forget();
    expect(await state(repricingId)).toBeNull();
  });
});

describe('until the sums of a person are priced anew', () => {
  test('an event opens a level that their sum at the new rates reaches', async () => {
    await putRate('0.41');
    // 40 euros are 97.56 dollars now, and were 40. Within the guards of the former sum nothing is decided.
    await spend('p01', 'USD', 144n);
    expect([await openedBy(), await spentOf('p01')]).toEqual([[], '4144']);
    await spend('p01', 'EUR', 82n);
    expect(await openedBy()).toEqual(['100 notified at 10100']);
    expect(await spentOf('p01')).toBe('10100');
  });

  test('an event opens no level that only their sum at the former rates would reach', async () => {
    await putRate('2');
    await spend('p01', 'USD', 7_000n);
    await reprice();
    expect(await openedBy()).toEqual([]);
    expect(await spentOf('p01')).toBe('9000');
  });

  test('an event resolves a level that is not reached any more', async () => {
    await spend('p01', 'EUR', 8_000n);
    expect(await openedBy()).toEqual(['100 notified at 12000']);
    await putRate('2');
    await spend('p01', 'EUR', 200n);
    expect(await openedBy()).toEqual(['100 notified at 12000', '100 resolved at 6000']);
    await reprice();
    expect(await spentOf('p01')).toBe('6100');
    expect(await openedBy()).toHaveLength(2);
  });

  test('a cooldown that has ended waits', async () => {
    await spend('p01', 'EUR', 8_000n);
    await hearAlerts(db, tenantId, start);
    await spend('p01', 'EUR', -7_000n);
    await spend('p01', 'EUR', 6_000n, start.add({ minutes: 5 }));
    expect((await openedBy()).at(-1)).toBe('100 deduplicated at 11000');
    await putRate('2');
    const later = start.add({ hours: 2 });
    const person = { tenantId, userId: 'p01' };
    const find = () => db.transaction([tenantId], (each) => findEndedCooldowns(each, [tenantId], 10, later));
    expect(await find()).toEqual([]);
    expect(await endDueCooldowns(db, [person], later)).toMatchObject({ levels: 0, notifications: [] });
    await reprice();
    expect(await find()).toEqual([]);
    expect((await openedBy()).at(-1)).toBe('100 resolved at 5500');
  });

  test('events and repricing at the same time leave no mixed sum', async () => {
    for (let round = 0; round < 12; round += 1) {
      await Promise.all([
        putRate(`0.${round + 10}`),
        spend('p01', 'EUR', 100n),
        spend('p02', 'EUR', 100n),
        spend('p01', 'USD', 100n),
        reprice(2),
      ]);
    }
    while ((await reprice(1)) > 0);
    expect(await db.transaction([tenantId], (each) => compareSpending(each, tenantId))).toEqual([]);
    // 40 euros, 12 of one and 12 dollars, at a rate of 0.21.
    expect(await spentOf('p01')).toBe(String(Math.round(4000 / 0.21) + 12 * Math.round(100 / 0.21) + 1200));
  });
});
