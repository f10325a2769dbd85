/**
 * Email addresses and phone numbers that wait until their person confirms them by the link of a message. A confirmation is
 * one such message. It outlives its address by a day, so that messages can be counted.
 */
import { type RawBuilder, sql as statement } from 'kysely';
import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { machineNow } from '../runtime/clock.ts';
import type { Sql } from '../runtime/database/database.ts';
import type { AddressChannel } from '../values/channels.ts';
import type { ConfirmationRef, PersonRef } from '../values/refs.ts';
import { addressDigest } from './address-digest.ts';
import { recordAudit } from './audit-record.ts';
import { type ConfirmationGrant, keyBytes } from './confirmation-token.ts';
import { lockPerson } from './people.ts';

export type Wanted = { channel: AddressChannel; address: string };
export type Asked = ConfirmationRef & { channel: AddressChannel };

const linkLives = { hours: 7 * 24 } as const;
const sameAddress = { hours: 1 } as const;
const counted = { hours: 24 } as const;
const maxMessages = 5;

/** Nothing was written, so the transaction is to be rolled back. `afterSeconds`: until one more may be sent. */
export class TooManyConfirmations extends Error {
  readonly afterSeconds: number;

  constructor(channel: AddressChannel, afterSeconds: number) {
    super(
      `At most ${maxMessages} messages a day ask a person to confirm ${names[channel]}, and one an hour goes to the same.`,
    );
    this.afterSeconds = afterSeconds;
  }
}

const names = { email: 'an email address', sms: 'a phone number' } as const;

/**
 * A message of the last 24 hours. `isOwn`: it was about this person, on this channel. `isSame`: it went to the wanted
 * address. `isUsed`: its link was used.
 */
export type Recent = { id: string; at: Temporal.Instant; isOwn: boolean; isSame: boolean; isUsed: boolean };
type Step = { kind: 'keep'; id: string } | { kind: 'ask' } | { kind: 'refuse'; until: Temporal.Instant };

/**
 * `recent`: newest first. An address with a message in the last hour waits for that one's link. A message about somebody
 * else counts too, so that nobody gets one for each person that a key makes.
 */
export function decideConfirmation(recent: readonly Recent[], now: Temporal.Instant): Step {
  const fresh = recent.filter(
    ({ isSame, at }) => isSame && Temporal.Instant.compare(now, at.add(sameAddress)) < 0,
  );
  const open = fresh.find(({ isOwn, isUsed }) => isOwn && !isUsed);
  if (open) return { kind: 'keep', id: open.id };
  const [last] = fresh;
  if (last) return { kind: 'refuse', until: last.at.add(sameAddress) };
  const fifth = recent.filter(({ isOwn }) => isOwn)[maxMessages - 1];
  return fifth ? { kind: 'refuse', until: fifth.at.add(counted) } : { kind: 'ask' };
}

/**
 * Lets the addresses wait in place of earlier ones, at most one a channel. Returns the messages to send. The caller has
 * locked the person. Throws `TooManyConfirmations`.
 */
export async function askToConfirm(
  sql: Sql,
  person: PersonRef,
  wanted: readonly Wanted[],
  now: Temporal.Instant,
): Promise<Asked[]> {
  if (wanted.length === 0) return [];
  await lockAddresses(sql, person.tenantId, wanted);
  const recent = await readRecent(sql, person, wanted, now);
  await withdrawAddresses(
    sql,
    person,
    wanted.map(({ channel }) => channel),
  );
  const steps = wanted.map((each) => {
    const step = decideConfirmation(recent.get(each.channel) ?? [], now);
    if (step.kind === 'refuse')
      throw new TooManyConfirmations(each.channel, now.until(step.until).total('seconds'));
    return { ...each, id: step.kind === 'keep' ? step.id : randomUUIDv7(), isNew: step.kind === 'ask' };
  });
  await keepWaiting(
    sql,
    person,
    steps.filter(({ isNew }) => !isNew),
  );
  const asked = steps.filter(({ isNew }) => isNew);
  await insertConfirmations(sql, person, asked, now);
  return asked.map(({ id, channel }) => ({ tenantId: person.tenantId, confirmationId: id, channel }));
}

/** Other transactions that ask about these addresses wait until this one ends, whoever they ask. */
async function lockAddresses(sql: Sql, tenantId: string, wanted: readonly Wanted[]): Promise<void> {
  await statement`
    select pg_advisory_xact_lock(hashtextextended(lower(address), 0))
    from unnest(${wanted.map(({ address }) => `${tenantId} ${address}`).toSorted()}::text[]) as wanted (address)
    `.execute(sql);
}

/** Upper and lower case reach the same mailbox. */
const digestOf = (tenantId: string, address: RawBuilder<unknown>) =>
  addressDigest(statement`${tenantId}`, statement`lower(${address})`);

/** Rides on `address_confirmations_recent` and `address_confirmations_digest`. */
async function readRecent(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  wanted: readonly Wanted[],
  now: Temporal.Instant,
): Promise<Map<AddressChannel, Recent[]>> {
  type Row = Omit<Recent, 'at'> & { channel: AddressChannel; at: string };
  const { rows } = await statement<Row>`
    with wanted as (
      select channel, ${digestOf(tenantId, statement`address`)} as digest
      from unnest(
        ${wanted.map(({ channel }) => channel)}::text[],
        ${wanted.map(({ address }) => address)}::text[]
      ) as wanted (channel, address)
    ), own as (
      select w.channel, c.id, c.created_at, true as is_own, c.address_digest = w.digest as is_same, c.key
      from wanted w join address_confirmations c on c.channel = w.channel
      where c.tenant_id = ${tenantId} and c.user_id = ${userId}
        and c.created_at > ${now.subtract(counted).toString()}
    ), others as (
      select w.channel, c.id, c.created_at, false as is_own, true as is_same, c.key
      from wanted w join address_confirmations c on c.address_digest = w.digest
      where c.tenant_id = ${tenantId} and c.user_id <> ${userId}
        and c.created_at > ${now.subtract(sameAddress).toString()}
    )
    select channel, id, created_at as at, is_own as "isOwn", is_same as "isSame", key is null as "isUsed"
    from (select * from own union all select * from others) recent
    order by created_at desc, id desc`.execute(sql);
  const recent = rows.map((row) => ({ ...row, at: Temporal.Instant.from(row.at) }));
  return Map.groupBy(recent, ({ channel }) => channel);
}

/** From here on the links of what waited do nothing. Rides on `address_confirmations_waiting`. */
export async function withdrawAddresses(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  channels: readonly AddressChannel[],
): Promise<void> {
  if (channels.length === 0) return;
  await statement`
    update address_confirmations set address = null
    where tenant_id = ${tenantId} and user_id = ${userId} and channel = any(${[...channels]}::text[])
      and address is not null`.execute(sql);
}

type Waiting = Wanted & { id: string };

/** Primary key. */
async function keepWaiting(sql: Sql, { tenantId }: PersonRef, kept: readonly Waiting[]): Promise<void> {
  if (kept.length === 0) return;
  await statement`
    update address_confirmations c set address = kept.address
    from unnest(${kept.map(({ id }) => id)}::uuid[], ${kept.map(({ address }) => address)}::text[]) as kept (id, address)
    where c.tenant_id = ${tenantId} and c.id = kept.id`.execute(sql);
}

/** A link is good by the machine's time, as other credentials are. */
async function insertConfirmations(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  asked: readonly Waiting[],
  now: Temporal.Instant,
): Promise<void> {
  if (asked.length === 0) return;
  await statement`
    insert into address_confirmations (tenant_id, id, user_id, channel, address, address_digest, key, status,
      attempts, created_at, changed_at, expires_at)
    select ${tenantId}, id, ${userId}, channel, address, ${digestOf(tenantId, statement`address`)}, key,
      'pending', 0, ${now.toString()}::timestamptz, ${now.toString()}::timestamptz,
      ${machineNow().add(linkLives).toString()}::timestamptz
    from unnest(
      ${asked.map(({ id }) => id)}::uuid[],
      ${asked.map(({ channel }) => channel)}::text[],
      ${asked.map(({ address }) => address)}::text[],
      ${asked.map(() => randomBytes(keyBytes))}::bytea[]
    ) as asked (id, channel, address, key)`.execute(sql);
}

export type OpenConfirmation = { id: string; userId: string; channel: AddressChannel };

/** Null if the link is nobody's, too old, used or withdrawn. Rides on `address_confirmations_key`. */
export async function findConfirmation(
  sql: Sql,
  { tenantId, key }: ConfirmationGrant,
): Promise<OpenConfirmation | null> {
  const { rows } = await statement<OpenConfirmation>`
    select id, user_id as "userId", channel
    from address_confirmations
    where tenant_id = ${tenantId} and sha256(key) = sha256(${Buffer.from(key)}) and address is not null
      and expires_at > ${machineNow().toString()}`.execute(sql);
  return rows[0] ?? null;
}

const columns = {
  email: { address: statement.ref('email'), bounced: statement.ref('bounced_email') },
  sms: { address: statement.ref('phone'), bounced: statement.ref('bounced_phone') },
};

/**
 * Takes the address that a link confirms into use, and returns its channel. Null, with nothing changed, if the link is
 * not good any more. Locks the person, as changes of their addresses do. Primary keys.
 */
export async function confirmAddress(sql: Sql, grant: ConfirmationGrant): Promise<AddressChannel | null> {
  const { tenantId } = grant;
  const found = await findConfirmation(sql, grant);
  if (!found) return null;
  const { id, userId, channel } = found;
  await lockPerson(sql, { tenantId, userId });
  const { address, bounced } = columns[channel];
  const { numAffectedRows } = await statement`
    with waiting as (
      select address from address_confirmations
      where tenant_id = ${tenantId} and id = ${id} and address is not null
    ), used as (
      update address_confirmations set address = null, key = null
      where tenant_id = ${tenantId} and id = ${id} and address is not null
    )
    update users set ${address} = waiting.address, ${bounced} = null
    from waiting
    where tenant_id = ${tenantId} and id = ${userId}`.execute(sql);
  if (numAffectedRows === 0n) return null;
  await recordAudit(sql, {
    action: 'address.confirmed',
    actor: 'the person',
    tenantId,
    userId,
    details: { channel },
  });
  return channel;
}

/** Deletes what is only kept to count the messages of the last day. Reads the tenant's part of the primary key. */
export async function deleteOldConfirmations(
  sql: Sql,
  tenantId: string,
  now: Temporal.Instant,
): Promise<void> {
  await statement`
    delete from address_confirmations
    where tenant_id = ${tenantId} and address is null and created_at < ${now.subtract(counted).toString()}
    `.execute(sql);
}
