/** Lists a page of a person's expenses, newest first. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { ExpenseKind, ExpenseStatus } from '../decide/apply-events.ts';
import { localDay, startOfDay } from '../../values/period.ts';
import type { PersonRef } from '../../values/refs.ts';
import { type Days, inDays, joinRule, notLeftOut, type RuleScope } from './rule-scope.ts';

/** `day`: the local day that it counts in; null for a transfer. */
export type ListedExpense = {
  id: string;
  userId: string;
  categoryId: string;
  merchant: string | null;
  description: string | null;
  amountMinor: bigint;
  currency: string;
  spentAt: Temporal.Instant;
  day: string | null;
  kind: ExpenseKind;
  status: ExpenseStatus;
};

type Row = Omit<ListedExpense, 'amountMinor' | 'spentAt'> & { amountMinor: string; spentAt: string };

/**
 * `scope`: only what this rule counts, on its own days. `timeZone`: the person's. `after`: the last item of the page before.
 */
export type ExpensePage = {
  scope: RuleScope | null;
  categoryId: string | undefined;
  days: Days;
  timeZone: string;
  limit: number;
  after: { spentAt: Temporal.Instant; id: string } | null;
};

/**
 * Counted expenses are read from the latest day backwards, and transfers beside them. Both ride on `expenses_user_day`. While
 * a job moves the days of a person to another time zone, an expense near midnight may stand on two pages or on none.
 */
export async function listExpenses(sql: Sql, person: PersonRef, page: ExpensePage): Promise<ListedExpense[]> {
  const transfers = page.scope ? statement`` : statement`union all (${selectTransfers(person, page)})`;
  const { rows } = await statement<Row>`
    select id, user_id as "userId", category_id as "categoryId", merchant, description, amount_minor as "amountMinor",
      currency, spent_at as "spentAt", day, coalesce(kind, 'purchase') as kind, coalesce(status, 'posted') as status
    from ((${selectCounted(person, page)}) ${transfers}) found
    order by spent_at desc, id desc
    limit ${page.limit}`.execute(sql);
  return rows.map((row) => ({
    ...row,
    amountMinor: BigInt(row.amountMinor),
    spentAt: Temporal.Instant.from(row.spentAt),
  }));
}

function selectCounted({ tenantId, userId }: PersonRef, page: ExpensePage) {
  const { scope, after, limit } = page;
  return statement`
    select e.*
    from expenses e ${scope ? joinRule(scope, statement.ref('e')) : statement``}
    where e.tenant_id = ${tenantId} and e.user_id = ${userId}
      and ${inDays(scope?.days ?? page.days, statement.ref('e.day'))}
      ${after ? statement`and e.day <= ${latestDayBefore(after.spentAt)}::date` : statement``}
      ${isAsked(page)} ${scope ? statement`and ${notLeftOut(scope)}` : statement``}
    order by e.day desc, e.spent_at desc, e.id desc
    limit ${limit}`;
}

/** They have no day, so their instants are compared with the days. */
function selectTransfers({ tenantId, userId }: PersonRef, page: ExpensePage) {
  const { days, timeZone, limit } = page;
  const start = days.from === null ? '-infinity' : startOfDay(days.from, timeZone).toString();
  const end = days.to === null ? 'infinity' : startOfDay(days.to, timeZone).toString();
  return statement`
    select e.*
    from expenses e
    where e.tenant_id = ${tenantId} and e.user_id = ${userId} and e.day is null
      and e.spent_at >= ${start}::timestamptz and e.spent_at < ${end}::timestamptz ${isAsked(page)}
    order by e.spent_at desc, e.id desc
    limit ${limit}`;
}

function isAsked({ categoryId, after }: ExpensePage) {
  const inCategory = categoryId === undefined ? statement`` : statement`and e.category_id = ${categoryId}`;
  const older = after
    ? statement`and (e.spent_at, e.id) < (${after.spentAt.toString()}::timestamptz, ${after.id}::text)`
    : statement``;
  return statement`${inCategory} ${older}`;
}

/** A local day is at most one day ahead of UTC's; one more is for an expense that another time zone has dated. */
const latestDayBefore = (instant: Temporal.Instant): string =>
  Temporal.PlainDate.from(localDay(instant, 'UTC')).add({ days: 2 }).toString();
