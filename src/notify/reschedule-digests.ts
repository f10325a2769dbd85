/** Recomputes when people's next digests are due: after a digest, or after a change of preferences or zone. */
import { sql as statement } from 'kysely';
import { digestAfter, digestAfterChange, type Recipient } from './decide/policy.ts';
import type { Sql } from '../runtime/database/database.ts';
import { readDigestsDue } from './sql/read-digests-due.ts';
import { readRecipients } from './sql/policy-row.ts';
import { personKey, type PersonRef } from '../values/refs.ts';

/** The caller has locked the people and made the digests that were due. */
export async function rescheduleDigests(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<void> {
  const recipients = await listRecipients(sql, people);
  await writeDue(sql, recipients, (recipient) => digestAfter(recipient, now));
}

/** After a change of zone or preferences. A digest that is due, or becomes due by the change, is left to the job. */
export async function rescheduleDigest(
  sql: Sql,
  person: PersonRef,
  zoneBefore: string,
  now: Temporal.Instant,
): Promise<void> {
  const dueBefore = (await readDigestsDue(sql, [person])).get(personKey(person));
  const recipients = await listRecipients(sql, [person]);
  await writeDue(sql, recipients, (recipient) =>
    dueBefore ? digestAfterChange(recipient, dueBefore, zoneBefore, now) : digestAfter(recipient, now),
  );
}

const listRecipients = async (sql: Sql, people: readonly PersonRef[]): Promise<Recipient[]> => [
  ...(await readRecipients(sql, people, new Set())).values(),
];

/** Rides on the primary key. A person with digests off is never due. */
async function writeDue(
  sql: Sql,
  recipients: readonly Recipient[],
  dueOf: (recipient: Recipient) => Temporal.Instant,
): Promise<void> {
  await statement`
    update users u
    set digest_due_at = given.due_at
    from unnest(
      ${recipients.map(({ tenantId }) => tenantId)}::uuid[],
      ${recipients.map(({ userId }) => userId)}::text[],
      ${recipients.map((recipient) => (wantsDigests(recipient) ? dueOf(recipient).toString() : 'infinity'))}::timestamptz[]
    ) as given (tenant_id, id, due_at)
    where u.tenant_id = given.tenant_id and u.id = given.id`.execute(sql);
}

const wantsDigests = ({ digest }: Recipient): boolean => digest.daily || digest.weekly;
