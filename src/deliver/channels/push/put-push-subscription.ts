/** Stores a push subscription of a person's browser, or replaces the keys of a known one. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { Sql } from '../../../runtime/database/database.ts';
import { lockPerson } from '../../../accounts/people.ts';
import type { PersonRef } from '../../../values/refs.ts';

/** `p256dh` and `auth` are keys in base64url. */
export type SubscriptionDraft = { endpoint: string; p256dh: string; auth: string };

/** More browsers than a person uses. Each is another message to encrypt and send. */
export const maxSubscriptions = 20;

/**
 * Returns the subscription's id, which stays for a known one. Beyond the maximum, the least recently registered
 * goes.
 */
export async function putPushSubscription(
  sql: Sql,
  person: PersonRef,
  draft: SubscriptionDraft,
  now: Temporal.Instant,
): Promise<string> {
  // The lock makes concurrent calls for a person count each other's rows.
  await lockPerson(sql, person);
  const id = await upsert(sql, person, draft, now);
  await removeOldest(sql, person, id);
  return id;
}

/** Rides on `push_subscriptions_endpoint`. */
async function upsert(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  { endpoint, p256dh, auth }: SubscriptionDraft,
  now: Temporal.Instant,
): Promise<string> {
  const { rows } = await statement<{ id: string }>`
    insert into push_subscriptions (tenant_id, id, user_id, endpoint, p256dh, auth, created_at)
    values (${tenantId}, ${randomUUIDv7()}, ${userId}, ${endpoint}, ${p256dh}, ${auth}, ${now.toString()})
    on conflict (tenant_id, user_id, endpoint) do update
      set p256dh = excluded.p256dh, auth = excluded.auth, created_at = excluded.created_at
    returning id`.execute(sql);
  const [row] = rows;
  if (!row) throw new Error('an upsert answers its row');
  return row.id;
}

/** Rides on `push_subscriptions_endpoint` and the primary key. */
async function removeOldest(sql: Sql, { tenantId, userId }: PersonRef, keptId: string): Promise<void> {
  await statement`
    delete from push_subscriptions
    where tenant_id = ${tenantId} and id in (
      select id from push_subscriptions
      where tenant_id = ${tenantId} and user_id = ${userId} and id <> ${keptId}
      order by created_at desc, id desc
      offset ${maxSubscriptions - 1}
    )`.execute(sql);
}
