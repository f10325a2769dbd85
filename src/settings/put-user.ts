/** Changes the facts about a person, and registers them if they are new, in one transaction. */
import { type Database, RetryTransaction, type Sql } from '../runtime/database/database.ts';
import { recordAudit } from '../accounts/audit-record.ts';
import { changeTimezone } from './change-timezone.ts';
import { readUser, registerUser, type User } from '../accounts/people.ts';
import type { Evaluated } from '../alerts/evaluate/write-evaluations.ts';
import type { Asked } from '../accounts/address-confirmations.ts';
import type { PersonRef } from '../values/refs.ts';
import { type Addresses, type ConfirmationSetup, setAddresses } from './set-addresses.ts';

type Facts = Partial<Omit<User, 'id' | 'registeredAt' | 'unconfirmed' | keyof Addresses>>;
/** Fields that are left out stay unchanged. */
export type UserChanges = Facts & Addresses;

/** Who asks, for the record. `address` is the network's. */
type Asker = { actor: string; address: string };

/** `asker`: null leaves no record. */
type Asking = { asker: Asker | null; confirmation: ConfirmationSetup };

/**
 * Returns the evaluation that a change of time zone caused, and the messages to send about addresses that have to be
 * confirmed. A new email address or phone number is put on record. Throws as `setAddresses` does.
 */
export async function putUser(
  db: Database,
  person: PersonRef,
  { email, phone, ...facts }: UserChanges,
  now: Temporal.Instant,
  { asker, confirmation }: Asking,
): Promise<{ evaluated: Evaluated; confirmations: Asked[] }> {
  return db.transaction([person.tenantId], async (sql) => {
    const evaluated = await changeUser(sql, person, facts, now);
    const addresses = { email, phone };
    const confirmations = await setAddresses(sql, person, addresses, confirmation, now);
    if (asker) await recordAddresses(sql, person, addresses, asker);
    return { evaluated, confirmations };
  });
}

async function recordAddresses(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  addresses: Addresses,
  asker: Asker,
): Promise<void> {
  const fields = (['email', 'phone'] as const).filter((field) => addresses[field] !== undefined);
  if (fields.length > 0)
    await recordAudit(sql, { action: 'address.changed', ...asker, tenantId, userId, details: { fields } });
}

/**
 * As `putUser`, in the caller's transaction, which must not have locked the person yet. If another change moves the
 * person out of the wanted time zone meanwhile, the transaction runs again. So one of the two changes holds as a whole.
 */
export async function changeUser(
  sql: Sql,
  person: PersonRef,
  { timezone, ...facts }: Facts,
  now: Temporal.Instant,
): Promise<Evaluated> {
  // A registered person stays unlocked here, because their expenses must be locked first.
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

/** Rides on the primary key. */
async function writeFacts(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  { benchmarkConsent, ...texts }: Omit<Facts, 'timezone'>,
): Promise<void> {
  const consent = benchmarkConsent === undefined ? {} : { benchmark_consent: benchmarkConsent };
  const facts = { ...texts, ...consent };
  if (Object.keys(facts).length === 0) return;
  await sql
    .updateTable('users')
    .set(facts)
    .where('tenant_id', '=', tenantId)
    .where('id', '=', userId)
    .execute();
}
