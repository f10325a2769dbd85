/** Writes the streams that were found. The caller holds the locks on the people. */
import { sql as statement } from 'kysely';
import type { Stream } from '../decide/recurring.ts';
import type { IdentifiedStream, StreamChanges } from '../decide/recurring-identity.ts';
import type { Sql } from '../../runtime/database/database.ts';

/** `insert`: with ids that are new. */
export type PersonChanges = Omit<StreamChanges, 'insert'> & { userId: string; insert: IdentifiedStream[] };

type Fact = { column: string; type: string; value: (stream: Stream) => string | number | boolean | null };

/** All that is found of a stream. The person's decision, the id and the times are not. */
const facts: readonly Fact[] = [
  { column: 'merchant_key', type: 'text', value: ({ merchantKey }) => merchantKey },
  { column: 'merchant', type: 'text', value: ({ merchant }) => merchant },
  { column: 'category_id', type: 'text', value: ({ categoryId }) => categoryId },
  { column: 'currency', type: 'text', value: ({ currency }) => currency },
  { column: 'cadence', type: 'text', value: ({ cadence }) => cadence },
  {
    column: 'every_days',
    type: 'int',
    value: ({ schedule }) => (schedule.unit === 'days' ? schedule.every : null),
  },
  {
    column: 'day_of_month',
    type: 'int',
    value: ({ schedule }) => (schedule.unit === 'months' ? schedule.dayOfMonth : null),
  },
  { column: 'state', type: 'text', value: ({ state }) => state },
  { column: 'is_variable', type: 'boolean', value: ({ isVariable }) => isVariable },
  { column: 'amount_minor', type: 'bigint', value: ({ amountMinor }) => amountMinor.toString() },
  { column: 'last_amount_minor', type: 'bigint', value: ({ lastAmountMinor }) => lastAmountMinor.toString() },
  {
    column: 'price_before_minor',
    type: 'bigint',
    value: ({ priceChange }) => priceChange?.beforeMinor.toString() ?? null,
  },
  { column: 'price_since', type: 'date', value: ({ priceChange }) => priceChange?.since ?? null },
  { column: 'price_charges', type: 'int', value: ({ priceChange }) => priceChange?.charges ?? null },
  { column: 'occurrences', type: 'int', value: ({ occurrences }) => occurrences },
  { column: 'first_day', type: 'date', value: ({ firstDay }) => firstDay },
  { column: 'last_day', type: 'date', value: ({ lastDay }) => lastDay },
  { column: 'last_expense_id', type: 'text', value: ({ expenseIds }) => expenseIds.at(-1) ?? '' },
  { column: 'next_day', type: 'date', value: ({ nextDay }) => nextDay },
  { column: 'missed_day', type: 'date', value: ({ missedDay }) => missedDay },
  { column: 'doubled_day', type: 'date', value: ({ doubled }) => doubled?.day ?? null },
  { column: 'doubled_expense_id', type: 'text', value: ({ doubled }) => doubled?.expenseId ?? null },
];

const names = (prefix: string) =>
  statement.join(facts.map(({ column }) => statement.raw(`${prefix}${column}`)));

/** One array for each of the facts. */
const valuesOf = (streams: readonly Stream[]) =>
  statement.join(facts.map(({ type, value }) => statement`${streams.map(value)}::${statement.raw(type)}[]`));

export async function writeRecurring(
  sql: Sql,
  tenantId: string,
  changes: readonly PersonChanges[],
  now: Temporal.Instant,
): Promise<void> {
  await endStreams(
    sql,
    tenantId,
    changes.flatMap(({ end }) => end),
    now,
  );
  await removeStreams(
    sql,
    tenantId,
    changes.flatMap(({ remove }) => remove),
  );
  await updateStreams(
    sql,
    tenantId,
    changes.flatMap(({ update }) => update),
    now,
  );
  await insertStreams(
    sql,
    tenantId,
    changes.flatMap(({ userId, insert }) => insert.map((made) => ({ ...made, userId }))),
    now,
  );
}

/** Rides on the primary key. */
async function endStreams(
  sql: Sql,
  tenantId: string,
  ids: readonly string[],
  now: Temporal.Instant,
): Promise<void> {
  if (ids.length === 0) return;
  await statement`
    update recurring_charges set state = 'ended', next_day = null, changed_at = ${now.toString()}
    where tenant_id = ${tenantId} and id = any(${ids}::uuid[]) and state <> 'ended'`.execute(sql);
}

/** Rides on the primary key. */
async function removeStreams(sql: Sql, tenantId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await statement`
    delete from recurring_charges where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(sql);
}

/** Leaves rows alone of which nothing has changed, as most have not. Rides on the primary key. */
async function updateStreams(
  sql: Sql,
  tenantId: string,
  updated: StreamChanges['update'],
  now: Temporal.Instant,
): Promise<void> {
  if (updated.length === 0) return;
  const assigned = facts.map(({ column }) => statement.raw(`${column} = given.${column}`));
  await statement`
    update recurring_charges r set ${statement.join(assigned)}, changed_at = ${now.toString()}
    from unnest(
      ${updated.map(({ id }) => id)}::uuid[],
      ${valuesOf(updated.map(({ stream }) => stream))}
    ) as given (id, ${names('')})
    where r.tenant_id = ${tenantId} and r.id = given.id
      and (${names('r.')}) is distinct from (${names('given.')})`.execute(sql);
}

async function insertStreams(
  sql: Sql,
  tenantId: string,
  made: readonly (IdentifiedStream & { userId: string })[],
  now: Temporal.Instant,
): Promise<void> {
  if (made.length === 0) return;
  await statement`
    insert into recurring_charges (tenant_id, id, user_id, ${names('')}, created_at, changed_at)
    select ${tenantId}::uuid, id, user_id, ${names('')}, ${now.toString()}::timestamptz,
      ${now.toString()}::timestamptz
    from unnest(
      ${made.map(({ id }) => id)}::uuid[],
      ${made.map(({ userId }) => userId)}::text[],
      ${valuesOf(made.map(({ stream }) => stream))}
    ) as made (id, user_id, ${names('')})`.execute(sql);
}
