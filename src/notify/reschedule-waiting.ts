/** Recomputes when deferred and capped notifications are due, after a change of preferences, zone or digests. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import type { PersonRef } from '../values/refs.ts';
import { cappedUntil, cappedUntilAfterChange, deferralOf, type Recipient } from './decide/policy.ts';
import { waitsForOthers } from './sql/read-group-end.ts';
import {
  policyColumns,
  type PolicyRow,
  policyTables,
  toPendingNotification,
  toRecipient,
} from './sql/policy-row.ts';

/** The caller has locked the person. A notification that need not wait any longer is due now. */
export const rescheduleWaiting = (
  sql: Sql,
  person: PersonRef,
  zoneBefore: string,
  now: Temporal.Instant,
): Promise<void> =>
  reschedule(sql, [person], now, (recipient, until) =>
    cappedUntilAfterChange(recipient, until, zoneBefore, now),
  );

/** The caller has locked the people and made the digests that were due. */
export const rescheduleAllWaiting = (
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<void> => reschedule(sql, people, now, (recipient) => cappedUntil(recipient, now));

/** Computes the time of the digest that contains a notification capped until `until`. */
type DigestOf = (recipient: Recipient, until: Temporal.Instant) => Temporal.Instant;

async function reschedule(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
  digestOf: DigestOf,
): Promise<void> {
  const waiting = await lockWaiting(sql, people);
  if (waiting.length === 0) return;
  const terms = waiting.map((row) => termOf(row, now, digestOf));
  await statement`
    update notification_history n
    set until = given.until, reason = given.reason
    from unnest(
      ${waiting.map(({ tenant_id }) => tenant_id)}::uuid[],
      ${waiting.map(({ id }) => id)}::uuid[],
      ${terms.map(({ until }) => until.toString())}::timestamptz[],
      ${terms.map(({ reason }) => reason)}::text[]
    ) as given (tenant_id, id, until, reason)
    where n.tenant_id = given.tenant_id and n.id = given.id`.execute(sql);
}

type Row = PolicyRow & { until: string };

type Term = { until: Temporal.Instant; reason: string | null };

/** A deferred notification may wait for a snooze and then for quiet hours, or the other way round. */
function termOf(row: Row, now: Temporal.Instant, digestOf: DigestOf): Term {
  // The channels do not matter here.
  const recipient = toRecipient(row, new Set());
  if (row.status === 'capped')
    return { until: digestOf(recipient, Temporal.Instant.from(row.until)), reason: row.reason };
  return deferralOf(toPendingNotification(row), recipient, now) ?? { until: now, reason: row.reason };
}

/** Those that wait for others are left out: their wait is the same for everybody. Rides on `notification_history_held_user`. */
async function lockWaiting(sql: Sql, people: readonly PersonRef[]): Promise<Row[]> {
  const { rows } = await statement<Row>`
    select ${policyColumns}, n.until
    from ${policyTables}
    where (n.tenant_id, n.user_id) in (
        select * from unnest(
          ${people.map(({ tenantId }) => tenantId)}::uuid[],
          ${people.map(({ userId }) => userId)}::text[]
        )
      )
      and n.status in ('deferred', 'capped') and not ${waitsForOthers}
    order by n.tenant_id, n.id
    for no key update of n`.execute(sql);
  return rows;
}
