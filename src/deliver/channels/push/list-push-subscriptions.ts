/** Lists a person's push subscriptions, one for each browser. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../../runtime/database/database.ts';
import type { PersonRef } from '../../../values/refs.ts';

/** Without the keys, which nobody needs to see again. `createdAt`: the time its browser last registered it. */
export type ListedSubscription = { id: string; endpoint: string; createdAt: Temporal.Instant };

/** The latest first. Rides on `push_subscriptions_endpoint`. */
export async function listPushSubscriptions(
  sql: Sql,
  { tenantId, userId }: PersonRef,
): Promise<ListedSubscription[]> {
  const { rows } = await statement<{ id: string; endpoint: string; created_at: string }>`
    select id, endpoint, created_at
    from push_subscriptions
    where tenant_id = ${tenantId} and user_id = ${userId}
    order by created_at desc, id desc`.execute(sql);
  return rows.map(({ id, endpoint, created_at }) => ({
    id,
    endpoint,
    createdAt: Temporal.Instant.from(created_at),
  }));
}
