/**
 * Keyed hashes of people's ids. They tell whether a person was erased and name nobody. Half of the key is in the
 * database, so that all processes agree. The other half is the secret that signs tokens, so that a copy of the database
 * does not suffice to try ids. A new secret makes earlier hashes useless, and ends the tokens that they refuse.
 */
import { createHmac } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import { personKey, type PersonRef } from '../values/refs.ts';

/** HMAC-SHA256, 32 bytes. */
export type HashPerson = (person: PersonRef) => Buffer;

/** `secret`: null if tokens are signed elsewhere. */
export async function openPersonHash(sql: Sql, secret: string | null): Promise<HashPerson> {
  const { rows } = await statement<{ key: string }>`select person_key as key from service_keys`.execute(sql);
  const [row] = rows;
  if (!row) throw new Error('the database has no key for the ids of people');
  const key = createHmac('sha256', secret ?? '')
    .update(row.key)
    .digest();
  return (person) => createHmac('sha256', key).update(personKey(person)).digest();
}
