/** Switches a channel off for the person that an unsubscribe link was sent to. */
import { sql as statement } from 'kysely';
import type { UnsubscribeGrant } from '../decide/unsubscribe.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { findOptOut } from './find-opt-out.ts';

/** False: the link is nobody's. Idempotent. Rides on the primary key. */
export async function recordOptOut(sql: Sql, grant: UnsubscribeGrant): Promise<boolean> {
  if (!(await findOptOut(sql, grant))) return false;
  await statement`
    update users
    set channels = coalesce(channels, '{}') || ${JSON.stringify({ [grant.channel]: false })}::jsonb
    where tenant_id = ${grant.tenantId} and id = ${grant.userId}`.execute(sql);
  return true;
}
