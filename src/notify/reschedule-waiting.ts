/** When people are to be told what is held for them, after what that depends on was changed. */
import { sql as statement } from 'kysely';
import { quietUntil } from './decide/quiet-hours.ts';
import { digestAfter, digestAfterChange, type Recipient } from './decide/policy.ts';
import type { Sql } from '../runtime/database/database.ts';
import { readRecipients } from './sql/read-recipients.ts';
import type { QuietHours } from '../values/preferences.ts';
import { personKey, type PersonRef } from '../values/refs.ts';

/** The person is locked by the caller. What need wait no longer is due now. */
export const rescheduleWaiting = (
  sql: Sql,
  person: PersonRef,
  zoneBefore: string,
  now: Temporal.Instant,
): Promise<void> =>
  reschedule(sql, [person], now, (recipient, until) => digestAfterChange(recipient, until, zoneBefore, now));

/** The people are locked by the caller, and have had the digests that were due. */
export const rescheduleAllWaiting = (
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<void> => reschedule(sql, people, now, (recipient) => digestAfter(recipient, now));

/** When what is capped until then is told. */
type DigestOf = (recipient: Recipient, until: Temporal.Instant) => Temporal.Instant;

async function reschedule(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
  digestOf: DigestOf,
): Promise<void> {
  const held = await readHeld(sql, people);
  if (held.length === 0) return;
  const reached = await readRecipients(sql, people, new Set());
  const untils = held.map((row) => {
    const recipient = reached.get(personKey({ tenantId: row.tenant_id, userId: row.user_id }));
    return (recipient ? untilOf(row, recipient, now, digestOf) : now).toString();
  });
  await statement`
    update notification_history n
    set until = given.until
    from unnest(
      ${held.map(({ tenant_id }) => tenant_id)}::uuid[],
      ${held.map(({ id }) => id)}::uuid[],
      ${untils}::timestamptz[]
    ) as given (tenant_id, id, until)
    where n.tenant_id = given.tenant_id and n.id = given.id and n.status in ('deferred', 'capped')`.execute(
    sql,
  );
}

type Held = {
  tenant_id: string;
  id: string;
  user_id: string;
  status: 'deferred' | 'capped';
  until: string;
  quiet_hours: QuietHours | null;
};

const untilOf = (
  { status, until, quiet_hours: own }: Held,
  recipient: Recipient,
  now: Temporal.Instant,
  digestOf: DigestOf,
): Temporal.Instant =>
  status === 'capped'
    ? digestOf(recipient, Temporal.Instant.from(until))
    : (quietUntil(own ?? recipient.quietHours, recipient.timeZone, now) ?? now);

/** Rides on `notification_history_held_user`. */
async function readHeld(sql: Sql, people: readonly PersonRef[]): Promise<Held[]> {
  const { rows } = await statement<Held>`
    select n.tenant_id, n.id, n.user_id, n.status, n.until, r.quiet_hours
    from notification_history n
    left join smart_alert_rules r on r.tenant_id = n.tenant_id and r.id = n.rule_id
    where (n.tenant_id, n.user_id) in (
        select * from unnest(
          ${people.map(({ tenantId }) => tenantId)}::uuid[],
          ${people.map(({ userId }) => userId)}::text[]
        )
      )
      and n.status in ('deferred', 'capped')
    order by n.tenant_id, n.id
    for no key update of n`.execute(sql);
  return rows;
}
