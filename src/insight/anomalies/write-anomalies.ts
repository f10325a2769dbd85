/** Writes the anomalies that were found, and their notifications. The caller holds the locks on the people. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { Person } from '../../accounts/people.ts';
import { columnOf } from '../../runtime/database/column-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { localDay } from '../../values/period.ts';
import type { NotificationRef } from '../../values/refs.ts';
import { type AnomalyFacts, anomalyFacts } from '../decide/anomalies/anomaly-facts.ts';
import type { AnomalyChanges, NewAnomaly } from '../decide/anomalies/reconcile-anomalies.ts';
import { anomalyMessage } from '../messages/anomaly-message.ts';

export type PersonAnomalies = { person: Person; changes: AnomalyChanges };

type Made = { person: Person; id: string; notificationId: string | null; anomaly: NewAnomaly };

/** Returns the notifications, for the caller to enqueue after the commit. */
export async function writeAnomalies(
  sql: Sql,
  tenantId: string,
  changes: readonly PersonAnomalies[],
  now: Temporal.Instant,
): Promise<NotificationRef[]> {
  await closeAnomalies(
    sql,
    tenantId,
    changes.flatMap((each) => each.changes.close),
    now,
  );
  await updateAnomalies(
    sql,
    tenantId,
    changes.flatMap((each) => each.changes.update),
    now,
  );
  const made = changes.flatMap(({ person, changes: { insert } }) =>
    insert.map((anomaly): Made => {
      return { person, id: randomUUIDv7(), notificationId: anomaly.isTold ? randomUUIDv7() : null, anomaly };
    }),
  );
  return insertAnomalies(sql, tenantId, made, now);
}

/** Rides on the primary key. */
async function closeAnomalies(
  sql: Sql,
  tenantId: string,
  ids: readonly string[],
  now: Temporal.Instant,
): Promise<void> {
  if (ids.length === 0) return;
  await statement`
    update anomalies set is_open = false, changed_at = ${now.toString()}
    where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(sql);
}

/** Leaves rows alone of which nothing has changed, as most have not. Rides on the primary key. */
async function updateAnomalies(
  sql: Sql,
  tenantId: string,
  updated: AnomalyChanges['update'],
  now: Temporal.Instant,
): Promise<void> {
  if (updated.length === 0) return;
  const column = columnOf(updated);
  await statement`
    update anomalies a
    set is_open = true, amount_minor = given.amount, expected_minor = given.expected, details = given.details,
      merchant = given.merchant, changed_at = ${now.toString()}
    from unnest(
      ${column(({ id }) => id)}::uuid[],
      ${column(({ anomaly }) => anomaly.amountMinor.toString())}::bigint[],
      ${column(({ anomaly }) => anomaly.expectedMinor?.toString() ?? null)}::bigint[],
      ${column(({ anomaly }) => JSON.stringify(anomaly.details))}::jsonb[],
      ${column(({ anomaly }) => anomaly.merchant)}::text[]
    ) as given (id, amount, expected, details, merchant)
    where a.tenant_id = ${tenantId} and a.id = given.id
      and (a.is_open, a.amount_minor, a.expected_minor, a.details, a.merchant)
        is distinct from (true, given.amount, given.expected, given.details, given.merchant)`.execute(sql);
}

/** The unique index on the subject keeps one that is there already. Only what is written is told. */
async function insertAnomalies(
  sql: Sql,
  tenantId: string,
  made: readonly Made[],
  now: Temporal.Instant,
): Promise<NotificationRef[]> {
  if (made.length === 0) return [];
  const column = columnOf(made);
  const { rows } = await statement<{ id: string }>`
    with written as (
      insert into anomalies (tenant_id, id, user_id, type, subject, expense_id, day, merchant_key, merchant, category_id,
        currency, amount_minor, expected_minor, details, is_late, notification_id, is_open, created_at, changed_at)
      select ${tenantId}::uuid, made.*, true, ${now.toString()}::timestamptz, ${now.toString()}::timestamptz
      from unnest(
        ${column(({ id }) => id)}::uuid[],
        ${column(({ person }) => person.userId)}::text[],
        ${column(({ anomaly }) => anomaly.type)}::text[],
        ${column(({ anomaly }) => anomaly.subject)}::text[],
        ${column(({ anomaly }) => anomaly.expenseId)}::text[],
        ${column(({ anomaly }) => anomaly.day)}::date[],
        ${column(({ anomaly }) => anomaly.merchantKey)}::text[],
        ${column(({ anomaly }) => anomaly.merchant)}::text[],
        ${column(({ anomaly }) => anomaly.categoryId)}::text[],
        ${column(({ anomaly }) => anomaly.currency)}::text[],
        ${column(({ anomaly }) => anomaly.amountMinor.toString())}::bigint[],
        ${column(({ anomaly }) => anomaly.expectedMinor?.toString() ?? null)}::bigint[],
        ${column(({ anomaly }) => JSON.stringify(anomaly.details))}::jsonb[],
        ${column(({ anomaly }) => anomaly.isLate)}::boolean[],
        ${column(({ notificationId }) => notificationId)}::uuid[]
      ) as made
      on conflict (tenant_id, user_id, type, subject) do nothing
      returning notification_id
    )
    insert into notification_history (tenant_id, id, user_id, type, severity, title, message, told, is_silent, status,
      created_at, evaluation)
    select ${tenantId}::uuid, told.*, false, 'pending', ${now.toString()}::timestamptz,
      pg_current_xact_id()::text::bigint
    from ${toldRows(made, now)}
    where told.id in (select notification_id from written)
    returning id`.execute(sql);
  return rows.map(({ id }) => ({ tenantId, notificationId: id }));
}

type Told = { id: string; userId: string; facts: AnomalyFacts; title: string; text: string };

function toldRows(made: readonly Made[], now: Temporal.Instant) {
  const told = made.flatMap(({ person, id, notificationId, anomaly }): Told[] => {
    if (notificationId === null) return [];
    const facts = anomalyFacts(id, anomaly);
    const reader = { locale: person.locale, today: localDay(now, person.timeZone) };
    return [{ id: notificationId, userId: person.userId, facts, ...anomalyMessage(facts, reader) }];
  });
  return statement`unnest(
    ${told.map(({ id }) => id)}::uuid[],
    ${told.map(({ userId }) => userId)}::text[],
    ${told.map(({ facts }) => facts.type)}::text[],
    ${told.map(({ facts }) => facts.severity)}::text[],
    ${told.map(({ title }) => title)}::text[],
    ${told.map(({ text }) => text)}::text[],
    ${told.map(({ facts }) => JSON.stringify(facts))}::jsonb[]
  ) as told (id, user_id, type, severity, title, message, facts)`;
}
