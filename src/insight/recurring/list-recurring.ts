/** Reads a person's recurring charges, and records what the person says of them. */
import { type RawBuilder, sql as statement } from 'kysely';
import type { RecurringDecision } from '../decide/recurring-identity.ts';
import type { Cadence } from '../decide/recurring-schedule.ts';
import type { StreamState } from '../decide/recurring-standing.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { lockPerson } from '../../accounts/people.ts';
import type { PersonRef } from '../../values/refs.ts';

/** Amounts are minor units of `currency`. `nextDay`: null once it has ended. `decision`: what the person said. */
export type RecurringCharge = {
  id: string;
  merchant: string;
  categoryId: string;
  currency: string;
  cadence: Cadence;
  state: StreamState;
  decision: RecurringDecision | null;
  isVariable: boolean;
  amountMinor: bigint;
  lastAmountMinor: bigint;
  priceBeforeMinor: bigint | null;
  priceSince: string | null;
  occurrences: number;
  lastDay: string;
  nextDay: string | null;
  missedDay: string | null;
  createdAt: Temporal.Instant;
};

type AsText = 'amountMinor' | 'lastAmountMinor' | 'priceBeforeMinor' | 'createdAt';
type Row = Omit<RecurringCharge, AsText> & {
  amountMinor: string;
  lastAmountMinor: string;
  priceBeforeMinor: string | null;
  createdAt: string;
};

/** `after` is the last item of the previous page. */
export type RecurringPage = { limit: number; after: { createdAt: Temporal.Instant; id: string } | null };

/** Newest first. Rides on `recurring_charges_user`. */
export async function listRecurring(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  { limit, after }: RecurringPage,
): Promise<RecurringCharge[]> {
  const createdAt = after?.createdAt.toString();
  const olderThan = after
    ? statement`and created_at <= ${createdAt} and (created_at < ${createdAt} or id > ${after.id})`
    : statement``;
  return readRecurring(
    sql,
    statement`tenant_id = ${tenantId} and user_id = ${userId} ${olderThan} order by created_at desc, id limit ${limit}`,
  );
}

/** Returns it with the decision. Undefined if the person has no such recurring charge. Rides on the primary key. */
export const decideRecurring = (
  db: Database,
  ref: PersonRef,
  id: string,
  decision: RecurringDecision,
  now: Temporal.Instant,
): Promise<RecurringCharge | undefined> =>
  db.transaction([ref.tenantId], async (sql) => {
    const { tenantId, userId } = await lockPerson(sql, ref);
    const own = statement`tenant_id = ${tenantId} and id = ${id} and user_id = ${userId}`;
    await statement`
      update recurring_charges set decision = ${decision}, decided_at = ${now.toString()}
      where ${own} and decision is distinct from ${decision}`.execute(sql);
    const [found] = await readRecurring(sql, own);
    return found;
  });

async function readRecurring(sql: Sql, where: RawBuilder<unknown>): Promise<RecurringCharge[]> {
  const { rows } = await statement<Row>`
    select id, merchant, category_id as "categoryId", currency, cadence, state, decision,
      is_variable as "isVariable", amount_minor as "amountMinor", last_amount_minor as "lastAmountMinor",
      price_before_minor as "priceBeforeMinor", price_since as "priceSince", occurrences, last_day as "lastDay",
      next_day as "nextDay", missed_day as "missedDay", created_at as "createdAt"
    from recurring_charges
    where ${where}`.execute(sql);
  return rows.map((row) => ({
    ...row,
    amountMinor: BigInt(row.amountMinor),
    lastAmountMinor: BigInt(row.lastAmountMinor),
    priceBeforeMinor: row.priceBeforeMinor === null ? null : BigInt(row.priceBeforeMinor),
    createdAt: Temporal.Instant.from(row.createdAt),
  }));
}
