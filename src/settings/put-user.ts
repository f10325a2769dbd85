/** Changes what is known of a person, who is registered where they were not, in one transaction. */
import { type Database, RetryTransaction, type Sql } from '../runtime/database/database.ts';
import { changeTimezone } from './change-timezone.ts';
import { readUser, type User } from '../accounts/read-user.ts';
import { registerUser } from '../accounts/register-user.ts';
import type { Evaluated } from '../alerts/evaluate/write-evaluations.ts';
import type { PersonRef } from '../values/refs.ts';

/** What is left out stays. */
export type UserChanges = Partial<Omit<User, 'id' | 'registeredAt'>>;

/** Answers whom to tell of what follows from another zone. */
export async function putUser(
  db: Database,
  person: PersonRef,
  changes: UserChanges,
  now: Temporal.Instant,
): Promise<Evaluated> {
  return db.transaction([person.tenantId], (sql) => changeUser(sql, person, changes, now));
}

/**
 * The same in the caller's transaction, which must not hold the person yet. Where another change moves the
 * person while this one has found them in the zone it wants, it runs again: one of the two holds as a whole.
 */
export async function changeUser(
  sql: Sql,
  person: PersonRef,
  { timezone, ...facts }: UserChanges,
  now: Temporal.Instant,
): Promise<Evaluated> {
  // Leaves somebody known unlocked: their expenses come first.
  await registerUser(sql, person, now);
  const evaluated = await moveTo(sql, person, timezone, now);
  await writeFacts(sql, person, facts);
  if (timezone !== undefined && (await zoneOf(sql, person)) !== timezone)
    throw new RetryTransaction('the person was moved in between');
  return evaluated;
}

const zoneOf = async (sql: Sql, person: PersonRef): Promise<string | null | undefined> =>
  (await readUser(sql, person))?.timezone;

async function moveTo(
  sql: Sql,
  person: PersonRef,
  timezone: string | null | undefined,
  now: Temporal.Instant,
): Promise<Evaluated> {
  if (timezone === undefined || (await zoneOf(sql, person)) === timezone)
    return { notifications: [], outcomes: [] };
  return changeTimezone(sql, person, timezone, now);
}

/** On the primary key. Who names an address vouches for it, if it had bounced. */
async function writeFacts(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  { benchmarkConsent, ...texts }: Omit<UserChanges, 'timezone'>,
): Promise<void> {
  const consent = benchmarkConsent === undefined ? {} : { benchmark_consent: benchmarkConsent };
  const facts = {
    ...texts,
    ...consent,
    ...(texts.email === undefined ? {} : { bounced_email: null }),
    ...(texts.phone === undefined ? {} : { bounced_phone: null }),
  };
  if (Object.keys(facts).length === 0) return;
  await sql
    .updateTable('users')
    .set(facts)
    .where('tenant_id', '=', tenantId)
    .where('id', '=', userId)
    .execute();
}
