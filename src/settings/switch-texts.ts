/**
 * Switches text messages off or on for everybody with a phone number, as its owner wished by STOP or START. All tenants
 * send from the same numbers, so it holds for the people of each.
 */
import { sql as statement } from 'kysely';
import { lockPeople } from '../accounts/people.ts';
import { listTenants } from '../accounts/tenants.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import type { PersonRef } from '../values/refs.ts';

/** A transaction names the tenants whose rows it sees. */
const tenantsAtATime = 500;

/** Returns how many people have the number. Doing it twice is doing it once. A crash leaves some tenants to a repeat. */
export async function switchTexts(db: Database, phone: string, isOn: boolean): Promise<number> {
  const tenantIds = await listTenants(db.sql);
  let people = 0;
  for (let first = 0; first < tenantIds.length; first += tenantsAtATime) {
    const some = tenantIds.slice(first, first + tenantsAtATime);
    people += await db.transaction(some, (sql) => switchIn(sql, some, phone, isOn));
  }
  return people;
}

async function switchIn(sql: Sql, tenantIds: string[], phone: string, isOn: boolean): Promise<number> {
  const found = await findByPhone(sql, tenantIds, phone);
  if (found.length === 0) return 0;
  await lockPeople(sql, found);
  // The provider sends to them again, so a message that it refused after STOP says nothing any more.
  const change = isOn
    ? statement`channels = nullif(u.channels - 'sms', '{}'), bounced_phone = null`
    : statement`channels = coalesce(u.channels, '{}') || '{"sms": false}'`;
  await statement`
    update users u set ${change}
    from unnest(
      ${found.map(({ tenantId }) => tenantId)}::uuid[],
      ${found.map(({ userId }) => userId)}::text[]
    ) as named (tenant_id, id)
    where u.tenant_id = named.tenant_id and u.id = named.id and u.phone = ${phone}`.execute(sql);
  return found.length;
}

/** Rides on `users_phone`. */
async function findByPhone(sql: Sql, tenantIds: string[], phone: string): Promise<PersonRef[]> {
  const { rows } = await statement<PersonRef>`
    select tenant_id as "tenantId", id as "userId" from users
    where tenant_id = any(${tenantIds}::uuid[]) and phone = ${phone}`.execute(sql);
  return rows;
}
