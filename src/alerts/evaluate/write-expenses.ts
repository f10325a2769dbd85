/** Writes the expenses that a batch changed. */
import { type RawBuilder, sql as statement } from 'kysely';
import type { Expense } from '../decide/apply-events.ts';
import { RetryTransaction, type Sql } from '../../runtime/database/database.ts';
import { columnOf } from '../../runtime/database/column-of.ts';
import { givenKind, givenStatus } from './expense-facts.ts';

/** Pairs of source and id; null for most expenses. */
const tiedJson = ({ tied }: Expense): string | null =>
  tied.length > 0 ? JSON.stringify(tied.map(({ source, id }) => [source, id])) : null;

/**
 * When a new expense was posted, if that was later than it was spent: its sender dates the event `eventTime` an hour or more
 * after the spending. History that is imported is as old as its spending, and was not posted late.
 */
export const postedAt = (eventTime: RawBuilder<unknown>, now: Temporal.Instant) =>
  statement`case when ${eventTime} >= spent_at + interval '1 hour' then ${now.toString()}::timestamptz end`;

/**
 * `isKnown` says whether an expense existed when the expenses were locked. Another transaction may have inserted an
 * unknown one since. The decisions made here are then wrong, so `RetryTransaction` is thrown and the transaction runs
 * again.
 */
export async function writeExpenses(
  sql: Sql,
  expenses: readonly Expense[],
  isKnown: (expense: Expense) => boolean,
  now: Temporal.Instant,
): Promise<void> {
  if (expenses.length === 0) return;
  const sorted = expenses.toSorted((a, b) => (a.tenantId + a.id < b.tenantId + b.id ? -1 : 1));
  const column = columnOf(sorted);
  const result = await statement`
    with given as (
      select * from unnest(
        ${column((expense) => expense.tenantId)}::uuid[],
        ${column((expense) => expense.id)}::text[],
        ${column(({ event }) => event.time.toString())}::timestamptz[],
        ${column(({ event }) => event.id)}::text[],
        ${column(({ event }) => event.source)}::text[],
        ${column(({ event }) => event.type)}::text[],
        ${column(({ event }) => event.sequence)}::text[],
        ${column(({ event }) => event.number.toString())}::bigint[],
        ${column(tiedJson)}::jsonb[],
        ${column((expense) => expense.facts?.userId ?? null)}::text[],
        ${column((expense) => expense.facts?.categoryId ?? null)}::text[],
        ${column((expense) => expense.facts?.merchant ?? null)}::text[],
        ${column((expense) => expense.facts?.description ?? null)}::text[],
        ${column((expense) => expense.facts?.amountMinor.toString() ?? null)}::bigint[],
        ${column((expense) => expense.facts?.currency ?? null)}::text[],
        ${column((expense) => expense.facts?.spentAt.toString() ?? null)}::timestamptz[],
        ${column((expense) => expense.facts?.day ?? null)}::date[],
        ${column((expense) => givenKind(expense.facts))}::text[],
        ${column((expense) => givenStatus(expense.facts))}::text[],
        ${column((expense) => expense.facts?.merchantRef?.id ?? null)}::text[],
        ${column((expense) => expense.facts?.merchantRef?.source ?? null)}::text[],
        ${column((expense) => expense.facts?.mcc ?? null)}::text[],
        ${column(isKnown)}::boolean[]
      ) as given (tenant_id, id, event_time, event_id, event_source, event_type, event_sequence, event_number,
        tied_events, user_id, category_id, merchant, description, amount_minor, currency, spent_at, day,
        kind, status, merchant_id, merchant_source, mcc, is_known)
    ), updated as (
      update expenses e
      set event_time = g.event_time, event_id = g.event_id, event_source = g.event_source,
        event_type = g.event_type, event_sequence = g.event_sequence, event_number = g.event_number,
        tied_events = g.tied_events, user_id = g.user_id, category_id = g.category_id, merchant = g.merchant,
        description = g.description, amount_minor = g.amount_minor, currency = g.currency,
        spent_at = g.spent_at, day = g.day, kind = g.kind, status = g.status, merchant_id = g.merchant_id,
        merchant_source = g.merchant_source, mcc = g.mcc
      from given g
      where g.is_known and e.tenant_id = g.tenant_id and e.id = g.id
    )
    insert into expenses (tenant_id, id, event_time, event_id, event_source, event_type, event_sequence, event_number,
      tied_events, user_id, category_id, merchant, description, amount_minor, currency, spent_at, day,
      kind, status, merchant_id, merchant_source, mcc, posted_at)
    select tenant_id, id, event_time, event_id, event_source, event_type, event_sequence, event_number, tied_events,
      user_id, category_id, merchant, description, amount_minor, currency, spent_at, day, kind, status, merchant_id, merchant_source, mcc,
      ${postedAt(statement`event_time`, now)}
    from given where not is_known
    on conflict do nothing`.execute(sql);
  const fresh = sorted.filter((expense) => !isKnown(expense)).length;
  if (result.numAffectedRows !== BigInt(fresh)) throw new RetryTransaction('an expense came in between');
}
