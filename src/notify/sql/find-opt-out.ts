/** Checks whether an unsubscribe link is a person's, and whether its channel is off already. */
import { timingSafeEqual } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { UnsubscribeGrant } from '../decide/unsubscribe.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { ChannelChoices } from '../../values/channels.ts';

/** As long as any key, and the key of nobody. */
const noKey = '-'.repeat(43);

/**
 * Null: the link is not theirs. The check takes equally long whatever is wrong with the link. Rides on the primary
 * key.
 */
export async function findOptOut(
  sql: Sql,
  { tenantId, userId, channel, key }: UnsubscribeGrant,
): Promise<{ isOff: boolean } | null> {
  const { rows } = await statement<{ unsubscribe_key: string; channels: ChannelChoices | null }>`
    select unsubscribe_key, channels from users
    where tenant_id = ${tenantId} and id = ${userId}`.execute(sql);
  const [row] = rows;
  const isEqual = timingSafeEqual(Buffer.from(key), Buffer.from(row?.unsubscribe_key ?? noKey));
  return row && isEqual ? { isOff: row.channels?.[channel] === false } : null;
}
