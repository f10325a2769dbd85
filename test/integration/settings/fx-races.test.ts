/** Races of new exchange rates with evaluations, new rules and changed time zones: every sum stays exact. */
import { sql as statement } from 'kysely';
import { describe, expect, test } from 'vitest';
import { compareSpending } from '../../../src/alerts/spending/compare-spending.ts';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { putFxRates } from '../../../src/settings/put-fx-rates.ts';
import { movePerson } from '../../support/worlds/move-person.ts';
import type { PeriodKind } from '../../../src/values/period.ts';
import { draftOf, evaluate, makeTenant, start } from '../../support/worlds/alerts/batches.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import type { ModelEvent } from '../../support/reference/reference-model.ts';
import { ReferenceRates } from '../../support/reference/reference-rates.ts';

const database = await databaseOfFile();
const { db } = database;

const people = ['p01', 'p02', 'p03'];
const rounds = 60;

const spending = (round: number, caller: number): ModelEvent[] =>
  people.map((userId, index) => ({
    id: `evt-${round}-${caller}-${userId}`,
    time: start,
    // Several events share an expense, which so moves from one person to another.
    expenseId: `x-${round}-${(caller + index) % 5}`,
    expense: {
      userId,
      categoryId: 'food',
      amountMinor: BigInt(100 + round * 7 + caller * 3 + index),
      currency: index === 2 ? 'USD' : 'EUR',
      spentAt: start.subtract({ hours: 30 * ((round + caller) % 4) }),
    },
  }));

type Row = { rule_id: string; currency: string; spent: string; expenses: [string, string, string][] };

/** Sums of rules that differ from the sum of their expenses, each converted by itself. */
async function wrongSums(tenantId: string, rates: ReferenceRates): Promise<string[]> {
  const { rows } = await statement<Row>`
    select s.rule_id, r.currency, s.spent_minor as spent, (
      select coalesce(json_agg(json_build_array(e.day, e.currency, e.amount_minor::text)), '[]')
      from expenses e
      where e.tenant_id = r.tenant_id and e.user_id = r.user_id
        and e.day >= s.period_start and e.day < s.period_end
    ) as expenses
    from rule_spend s join smart_alert_rules r on r.tenant_id = s.tenant_id and r.id = s.rule_id
    where s.tenant_id = ${tenantId}`.execute(database.sql);
  return rows.flatMap(({ rule_id: id, currency: to, spent, expenses }) => {
    const amounts = expenses.map(
      ([day, from, minor]) => rates.convert(BigInt(minor), { from, to, day }) ?? 0n,
    );
    const expected = amounts.reduce((sum, amount) => sum + amount, 0n);
    return expected === BigInt(spent) ? [] : [`${id} ${spent}, not ${expected}`];
  });
}

/** A different rate in each round; the rules' expenses lie on its day and in the week after. */
const makeTable = (round: number) => ({
  date: '2026-10-30',
  base: 'USD',
  rates: { EUR: `0.${101 + ((round * 37) % 800)}` },
});

type Race = {
  /** Periods of the rules that every person has from the start. */
  periods: readonly PeriodKind[];
  rounds: number;
  /** Rounds of expenses evaluated before the race. */
  spent: number;
  /** The work that runs in each round while rates are put. */
  beside(tenantId: string, round: number): Promise<unknown>[];
};

/** Runs a race in a tenant of its own. Returns the wrong sums after each round and the differences at the end. */
async function race({ periods, rounds: count, spent, beside }: Race): Promise<unknown[]> {
  const tenantId = await makeTenant(db, people);
  for (const userId of people)
    for (const period of periods) await createRule(db, { tenantId, userId }, draftOf({ period }), start);
  for (let round = 0; round < spent; round += 1) await evaluate(db, tenantId, spending(round, 0));
  const rates = new ReferenceRates();
  const wrong: unknown[] = [];
  for (let round = 0; round < count; round += 1) {
    const table = makeTable(round);
    await Promise.all([...beside(tenantId, round), putFxRates(db, tenantId, table, start)]);
    rates.put([{ ...table, currency: 'EUR', rate: table.rates.EUR }]);
    for (const sum of await wrongSums(tenantId, rates)) wrong.push(`round ${round}: ${sum}`);
  }
  const differences = await db.transaction([tenantId], (sql) => compareSpending(sql, tenantId));
  return [...wrong, ...differences];
}

const someone = (tenantId: string, round: number) => ({ tenantId, userId: people[round % 3] ?? '' });

describe('rates that are put', () => {
  test('while events are evaluated leave no sum at an old rate', async () => {
    // The race needs new tenants: putting rates waits for people who have expenses on its days anyway.
    for (let tenant = 0; tenant < 12; tenant += 1) {
      const wrong = await race({
        periods: ['monthly', 'daily'],
        rounds: 5,
        spent: 0,
        beside: (tenantId, round) => [
          evaluate(db, tenantId, spending(round, 0)),
          evaluate(db, tenantId, spending(round, 1)),
        ],
      });
      expect(wrong).toEqual([]);
    }
  });

  test('while rules are created leave no sum at an old rate', async () => {
    const wrong = await race({
      periods: [],
      rounds,
      spent: 10,
      beside: (tenantId, round) => [createRule(db, someone(tenantId, round), draftOf({}), start)],
    });
    expect(wrong).toEqual([]);
  });

  test('while people change their time zone leave no sum at an old rate', async () => {
    const wrong = await race({
      periods: ['daily'],
      rounds,
      spent: 10,
      beside: (tenantId, round) => {
        const timezone = round % 6 < 3 ? 'Pacific/Kiritimati' : 'UTC';
        return [movePerson(db, someone(tenantId, round), timezone, start)];
      },
    });
    expect(wrong).toEqual([]);
  });

  test('while sums are compared with expenses never cause a difference', async () => {
    const tenantId = await makeTenant(db, people);
    for (const userId of people) await createRule(db, { tenantId, userId }, draftOf({}), start);
    for (let round = 0; round < 10; round += 1) await evaluate(db, tenantId, spending(round, 0));
    const progress = { isOver: false };
    const posting = async (): Promise<void> => {
      for (let round = 0; round < 3 * rounds; round += 1)
        await putFxRates(db, tenantId, makeTable(round), start);
    };
    const posted = posting().finally(() => (progress.isOver = true));
    let compared = 0;
    for (; !progress.isOver; compared += 1)
      expect(await db.transaction([tenantId], (sql) => compareSpending(sql, tenantId))).toEqual([]);
    await posted;
    expect(compared).toBeGreaterThan(rounds);
  });
});
