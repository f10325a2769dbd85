/** When people's next digests are due: worked out anew after one was, or after what that depends on was changed. */
import { sql as statement } from 'kysely';
import { digestAfter, digestAfterChange, type Recipient } from './decide/policy.ts';
import type { Sql } from '../runtime/database/database.ts';
import { readDigestsDue } from './sql/read-digests-due.ts';
import { readRecipients } from './sql/policy-row.ts';
import { personKey, type PersonRef } from '../values/refs.ts';

/** The people are locked by the caller, and what was due of them is done. */
export async function rescheduleDigests(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<void> {
  const reached = await readReaches(sql, people);
  await writeDue(sql, reached, (recipient) => digestAfter(recipient, now));
}

/** After a change of zone or preferences. What is due, or has become so, the job works out. */
export async function rescheduleDigest(
  sql: Sql,
  person: PersonRef,
  zoneBefore: string,
  now: Temporal.Instant,
): Promise<void> {
  const dueBefore = (await readDigestsDue(sql, [person])).get(personKey(person));
  const reached = await readReaches(sql, [person]);
  await writeDue(sql, reached, (recipient) =>
    dueBefore ? digestAfterChange(recipient, dueBefore, zoneBefore, now) : digestAfter(recipient, now),
  );
}

const readReaches = async (sql: Sql, people: readonly PersonRef[]): Promise<Recipient[]> => [
  ...(await readRecipients(sql, people, new Set())).values(),
];

/** On the primary key. Who wants no digests is never due. */
async function writeDue(
  sql: Sql,
  reached: readonly Recipient[],
  dueOf: (recipient: Recipient) => Temporal.Instant,
): Promise<void> {
  await statement`
    update users u
    set digest_due_at = given.due_at
    from unnest(
      ${reached.map(({ tenantId }) => tenantId)}::uuid[],
      ${reached.map(({ userId }) => userId)}::text[],
      ${reached.map((recipient) => (wantsDigests(recipient) ? dueOf(recipient).toString() : 'infinity'))}::timestamptz[]
    ) as given (tenant_id, id, due_at)
    where u.tenant_id = given.tenant_id and u.id = given.id`.execute(sql);
}

const wantsDigests = ({ digest }: Recipient): boolean => digest.daily || digest.weekly;
