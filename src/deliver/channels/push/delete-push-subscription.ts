/** Deletes a person's push subscription, which is one browser. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../../runtime/database/database.ts';
import type { PersonRef } from '../../../values/refs.ts';

/** False: the person has no such subscription. Rides on the primary key. */
export async function deletePushSubscription(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  id: string,
): Promise<boolean> {
  const { rows } = await statement`
    delete from push_subscriptions
    where tenant_id = ${tenantId} and id = ${id} and user_id = ${userId}
    returning id`.execute(sql);
  return rows.length > 0;
}
