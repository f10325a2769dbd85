/** When people are to be told what is held for them, after what that depends on was changed. */
import { sql as statement } from 'kysely';
import { quietUntil } from '../../domain/quiet-hours.ts';
import type { QuietHours } from '../../domain/rule.ts';
import { digestAfter, digestAfterChange, type Reach } from '../../domain/telling.ts';
import type { Sql } from '../database.ts';
import { personKey, type PersonRef } from './lock-people.ts';
import { readReach } from './read-reach.ts';

/** The person is locked by the caller. What need wait no longer is due now. */
export const rescheduleHeld = (
  sql: Sql,
  person: PersonRef,
  zoneBefore: string,
  now: Temporal.Instant,
): Promise<void> =>
  reschedule(sql, [person], now, (reach, until) => digestAfterChange(reach, until, zoneBefore, now));

/** The people are locked by the caller, and have had the digests that were due. */
export const rescheduleAllHeld = (
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<void> => reschedule(sql, people, now, (reach) => digestAfter(reach, now));

/** When what is capped until then is told. */
type DigestOf = (reach: Reach, until: Temporal.Instant) => Temporal.Instant;

async function reschedule(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
  digestOf: DigestOf,
): Promise<void> {
  const held = await readHeld(sql, people);
  if (held.length === 0) return;
  const reached = await readReach(sql, people, new Set());
  const untils = held.map((row) => {
    const reach = reached.get(personKey({ tenantId: row.tenant_id, userId: row.user_id }));
    return (reach ? untilOf(row, reach, now, digestOf) : now).toString();
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
  reach: Reach,
  now: Temporal.Instant,
  digestOf: DigestOf,
): Temporal.Instant =>
  status === 'capped'
    ? digestOf(reach, Temporal.Instant.from(until))
    : (quietUntil(own ?? reach.quietHours, reach.timeZone, now) ?? now);

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
