/** Bounds the active rules of a person: each is looked at for each of their expenses, and may alert at once. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';

export const maxActiveRules = 100;

/** Nothing was written, so the transaction is to be rolled back. */
export class TooManyRules extends Error {}

/** Throws `TooManyRules` if one more would exceed the limit. The caller has locked the person. */
export async function assertRoomForRule(sql: Sql, { tenantId, userId }: PersonRef): Promise<void> {
  const { rows } = await statement<{ count: number }>`
    select count(*)::int as count
    from smart_alert_rules
    where tenant_id = ${tenantId} and user_id = ${userId} and is_active`.execute(sql);
  if ((rows[0]?.count ?? 0) >= maxActiveRules) throw new TooManyRules();
}
