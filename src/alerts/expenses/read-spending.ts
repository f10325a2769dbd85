/**
 * Reads what a person spent by local day or by category, in their tenant's currency. That currency is read as daily sums.
 * Expenses in others are read by amount, as each is rounded when it is converted.
 */
import { sql as statement } from 'kysely';
import { allOf } from '../../runtime/database/all-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import { readRates } from '../spending/read-rates.ts';
import { type Days, inDays, joinRule, notLeftOut, type RuleScope } from './rule-scope.ts';

export const spendingKeys = ['day', 'category'] as const;
type SpendingKey = (typeof spendingKeys)[number];

/** `currency`: the tenant's. `scope`: only what this rule counts, on its own days. */
export type AskedSpending = {
  by: SpendingKey;
  days: Days;
  currency: string;
  scope: RuleScope | null;
};

/** `key`: a day or the id of a category. */
type Part = { key: string; amountMinor: bigint; count: number };

/** `unrated`: how many expenses are left out, because no exchange rate is known for them. */
export type SpendingParts = { parts: Part[]; unrated: number };

type Sum = { key: string; amountMinor: string; count: number };
type ForeignSum = Sum & { day: string; currency: string };

/** Parts without expenses are left out. They are sorted by their keys. */
export async function readSpending(
  sql: Sql,
  person: PersonRef,
  asked: AskedSpending,
): Promise<SpendingParts> {
  const [own, foreign] = await allOf([readOwn(sql, person, asked), readForeign(sql, person, asked)]);
  const { tenantId } = person;
  const { currency: to } = asked;
  const conversions = foreign.map(({ day, currency: from }) => ({ tenantId, day, from, to }));
  const rates = (await readRates(sql, conversions))(tenantId);
  const parts = new Map<string, Part>();
  for (const { key, amountMinor, count } of own)
    parts.set(key, { key, amountMinor: BigInt(amountMinor), count });
  let unrated = 0;
  for (const { key, count, day, currency, ...each } of foreign) {
    const converted = rates.convert({ amountMinor: BigInt(each.amountMinor), currency, day }, to);
    if (converted === null) unrated += count;
    else add(parts, { key, amountMinor: converted * BigInt(count), count });
  }
  const sorted = [...parts.values()].toSorted((one, other) => (one.key < other.key ? -1 : 1));
  return { parts: sorted, unrated };
}

function add(parts: Map<string, Part>, { key, amountMinor, count }: Part): void {
  const known = parts.get(key) ?? { key, amountMinor: 0n, count: 0 };
  parts.set(key, { key, amountMinor: known.amountMinor + amountMinor, count: known.count + count });
}

const keyOf = { day: statement.ref('day'), category: statement.ref('category_id') };

/**
 * Rides on the primary key of `daily_spend`. A rule that excludes merchants is read from the expenses instead, which ride on
 * `expenses_user_day`.
 */
async function readOwn(sql: Sql, person: PersonRef, asked: AskedSpending): Promise<Sum[]> {
  const { by, currency, scope } = asked;
  const sums =
    scope && scope.leftOut.length > 0
      ? selectExpenses(person, asked, statement`e.currency = ${currency}`)
      : selectDays(person, asked, statement`d.currency = ${currency}`);
  const { rows } = await statement<Sum>`
    select ${keyOf[by]} as key, sum(amount_minor) as "amountMinor", sum(expenses)::int as count
    from (${sums}) s
    group by 1
    having sum(expenses) <> 0`.execute(sql);
  return rows;
}

/** Of each amount. The daily sums tell whether there are any. Rides on `expenses_user_day`. */
async function readForeign(sql: Sql, person: PersonRef, asked: AskedSpending): Promise<ForeignSum[]> {
  const { by, currency } = asked;
  const anyDay = selectDays(person, asked, statement`d.currency <> ${currency} and d.expense_count <> 0`);
  const expenses = selectExpenses(
    person,
    asked,
    statement`e.currency <> ${currency} and (select exists (${anyDay}))`,
  );
  const { rows } = await statement<ForeignSum>`
    select ${keyOf[by]} as key, day, currency, amount_minor as "amountMinor", sum(expenses)::int as count
    from (${expenses}) s
    group by 1, day, currency, amount_minor`.execute(sql);
  return rows;
}

type Condition = ReturnType<typeof statement>;

function selectDays({ tenantId, userId }: PersonRef, { days, scope }: AskedSpending, where: Condition) {
  return statement`
    select d.day, d.category_id, d.currency, d.amount_minor, d.expense_count as expenses
    from daily_spend d ${scope ? joinRule(scope, statement.ref('d')) : statement``}
    where d.tenant_id = ${tenantId} and d.user_id = ${userId}
      and ${inDays(scope?.days ?? days, statement.ref('d.day'))} and ${where}`;
}

function selectExpenses({ tenantId, userId }: PersonRef, { days, scope }: AskedSpending, where: Condition) {
  return statement`
    select e.day, e.category_id, e.currency, e.amount_minor, 1 as expenses
    from expenses e ${scope ? joinRule(scope, statement.ref('e')) : statement``}
    where e.tenant_id = ${tenantId} and e.user_id = ${userId}
      and ${inDays(scope?.days ?? days, statement.ref('e.day'))} and ${where}
      ${scope ? statement`and ${notLeftOut(scope)}` : statement``}`;
}
