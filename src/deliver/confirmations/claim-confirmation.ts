/** Claims a message that asks for a confirmation, by compare-and-set, so that one of several workers sends it. */
import { sql as statement } from 'kysely';
import { machineNow } from '../../runtime/clock.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { defaultLocale } from '../../values/locale.ts';
import type { AddressChannel } from '../../values/channels.ts';
import type { ConfirmationRef } from '../../values/refs.ts';

/** `key`: the secret of the link. `attempt`: the number of this claim, from 1; its record must name it. */
export type ClaimedConfirmation = {
  channel: AddressChannel;
  address: string;
  key: Uint8Array;
  tenantName: string;
  locale: string;
  attempt: number;
};

export type ConfirmationClaim =
  | { kind: 'claimed'; confirmation: ClaimedConfirmation }
  /** It was tried, and is tried again then. */
  | { kind: 'waiting'; until: Temporal.Instant }
  /** Claimed by another worker, or by one that crashed. */
  | { kind: 'sending'; attempt: number; changedAt: Temporal.Instant }
  /** Sent or ended, or the address waits no more. */
  | { kind: 'over' };

/** Claims a pending message or, with `abandonedAttempt`, one that this attempt left in `sending`. Primary keys. */
export const claimConfirmation = (
  db: Database,
  ref: ConfirmationRef,
  now: Temporal.Instant,
  abandonedAttempt: number | null = null,
): Promise<ConfirmationClaim> =>
  db.transaction([ref.tenantId], async (sql) => {
    const { rows } = await statement<ClaimedConfirmation>`
      update address_confirmations c
      set status = 'sending', attempts = c.attempts + 1, changed_at = ${now.toString()}, retry_at = null
      from tenants t, users u
      where c.tenant_id = ${ref.tenantId} and c.id = ${ref.confirmationId} and t.id = c.tenant_id
        and u.tenant_id = c.tenant_id and u.id = c.user_id
        and c.address is not null and c.expires_at > ${machineNow().toString()}
        and ((c.status = 'pending' and (c.retry_at is null or c.retry_at <= ${now.toString()}))
          or (c.status = 'sending' and c.attempts = ${abandonedAttempt}::int))
      returning c.channel, c.address, c.key, t.name as "tenantName",
        coalesce(u.locale, ${defaultLocale}) as locale, c.attempts as attempt`.execute(sql);
    const [confirmation] = rows;
    return confirmation ? { kind: 'claimed', confirmation } : readState(sql, ref, now);
  });

type State = { status: string; attempts: number; changed_at: string; retry_at: string | null };

/** Primary key. */
async function readState(
  sql: Sql,
  { tenantId, confirmationId }: ConfirmationRef,
  now: Temporal.Instant,
): Promise<ConfirmationClaim> {
  const { rows } = await statement<State>`
    select status, attempts, changed_at, retry_at
    from address_confirmations
    where tenant_id = ${tenantId} and id = ${confirmationId}
      and address is not null and expires_at > ${machineNow().toString()}`.execute(sql);
  const [row] = rows;
  if (row?.status === 'pending')
    return { kind: 'waiting', until: row.retry_at === null ? now : Temporal.Instant.from(row.retry_at) };
  if (row?.status !== 'sending') return { kind: 'over' };
  return { kind: 'sending', attempt: row.attempts, changedAt: Temporal.Instant.from(row.changed_at) };
}
