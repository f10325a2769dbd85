/** When people's next digests are due: worked out anew after one was, or after what that depends on was changed. */
import { sql as statement } from 'kysely';
import { digestAfter, type Reach } from '../../domain/telling.ts';
import type { Sql } from '../database.ts';
import type { PersonRef } from './lock-people.ts';
import { readReach } from './read-reach.ts';

/** The people are locked by the caller, and what was due of them is done. */
export async function rescheduleDigests(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<void> {
  await writeDue(sql, await readReaches(sql, people), now, statement`true`);
}

/** After a change of zone or preferences. What is due already stays so: the job works out what comes of it. */
export async function rescheduleDigest(sql: Sql, person: PersonRef, now: Temporal.Instant): Promise<void> {
  const isAhead = statement`u.digest_due_at > ${now.toString()}::timestamptz`;
  await writeDue(sql, await readReaches(sql, [person]), now, isAhead);
}

const readReaches = async (sql: Sql, people: readonly PersonRef[]): Promise<Reach[]> => [
  ...(await readReach(sql, people, new Set())).values(),
];

/** On the primary key. Who wants no digests is never due. */
async function writeDue(
  sql: Sql,
  reached: readonly Reach[],
  now: Temporal.Instant,
  condition: ReturnType<typeof statement>,
): Promise<void> {
  await statement`
    update users u
    set digest_due_at = given.due_at
    from unnest(
      ${reached.map(({ tenantId }) => tenantId)}::uuid[],
      ${reached.map(({ userId }) => userId)}::text[],
      ${reached.map((reach) => dueAfter(reach, now))}::timestamptz[]
    ) as given (tenant_id, id, due_at)
    where u.tenant_id = given.tenant_id and u.id = given.id and ${condition}`.execute(sql);
}

const dueAfter = (reach: Reach, now: Temporal.Instant): string =>
  reach.digest.daily || reach.digest.weekly ? digestAfter(reach, now).toString() : 'infinity';
