/**
 * Sets a person's email address and phone number. Where the tenant's people confirm their addresses, or the person sets one
 * themselves, a new one waits for that, and the one before stays in use.
 */
import { sql as statement } from 'kysely';
import {
  type Asked,
  askToConfirm,
  type Wanted,
  withdrawAddresses,
} from '../accounts/address-confirmations.ts';
import { lockPerson } from '../accounts/people.ts';
import type { MonthlyLimits } from '../notify/decide/monthly-quota.ts';
import { countMonthlyMessages, lockMonthlyQuotas } from '../notify/sql/lock-monthly-quota.ts';
import type { Sql } from '../runtime/database/database.ts';
import type { AddressChannel } from '../values/channels.ts';
import type { PersonRef } from '../values/refs.ts';

/** An address that is left out stays unchanged; null removes it. */
export type Addresses = { email?: string | null | undefined; phone?: string | null | undefined };

/**
 * `mustConfirm`: a new address waits, whatever the tenant's setting. `linkUrl`: the address that links begin with, or null.
 * `monthlyLimits`: of tenants without limits of their own.
 */
export type ConfirmationSetup = {
  mustConfirm: boolean;
  linkUrl: string | null;
  monthlyLimits: MonthlyLimits;
};

/** A link would lead nowhere. The transaction is to be rolled back. */
export class NoLinkAddress extends Error {}
/** The tenant may send nothing more on the channel this month. The transaction is to be rolled back. */
export class MonthlyLimitReached extends Error {}

type Given = { channel: AddressChannel; address: string | null };

/**
 * Returns the messages to send. The person is registered. Throws `NoLinkAddress`, `MonthlyLimitReached` or
 * `TooManyConfirmations`.
 */
export async function setAddresses(
  sql: Sql,
  person: PersonRef,
  { email, phone }: Addresses,
  setup: ConfirmationSetup,
  now: Temporal.Instant,
): Promise<Asked[]> {
  const given: Given[] = [
    ...(email === undefined ? [] : [{ channel: 'email' as const, address: email }]),
    ...(phone === undefined ? [] : [{ channel: 'sms' as const, address: phone }]),
  ];
  if (given.length === 0) return [];
  await lockPerson(sql, person);
  const used = await readUsed(sql, person);
  const mustWait = ({ channel, address }: Given): boolean =>
    (setup.mustConfirm || used.mustConfirm) && address !== null && address !== used[channel];
  const atOnce = given.filter((each) => !mustWait(each));
  await writeAddresses(sql, person, atOnce);
  await withdrawAddresses(
    sql,
    person,
    atOnce.map(({ channel }) => channel),
  );
  const waiting = given.filter((each): each is Wanted => mustWait(each));
  if (waiting.length > 0 && setup.linkUrl === null) throw new NoLinkAddress();
  const asked = await askToConfirm(sql, person, waiting, now);
  await countMessages(sql, asked, setup, now);
  return asked;
}

type Used = { mustConfirm: boolean; email: string | null; sms: string | null };

/** Primary keys. */
async function readUsed(sql: Sql, { tenantId, userId }: PersonRef): Promise<Used> {
  const { rows } = await statement<Used>`
    select t.confirm_addresses as "mustConfirm", u.email, u.phone as sms
    from users u join tenants t on t.id = u.tenant_id
    where u.tenant_id = ${tenantId} and u.id = ${userId}`.execute(sql);
  const [row] = rows;
  if (!row) throw new Error('the person vanished while they were locked');
  return row;
}

/** An address that is set is tried again even if it bounced before. Primary key. */
async function writeAddresses(sql: Sql, person: PersonRef, given: readonly Given[]): Promise<void> {
  if (given.length === 0) return;
  const facts = Object.assign({}, ...given.map(({ channel, address }) => factsOf[channel](address)));
  await sql
    .updateTable('users')
    .set(facts)
    .where('tenant_id', '=', person.tenantId)
    .where('id', '=', person.userId)
    .execute();
}

const factsOf = {
  email: (email: string | null) => ({ email, bounced_email: null }),
  sms: (phone: string | null) => ({ phone, bounced_phone: null }),
};

/** The counts are the last rows that the transaction locks, as in a plan. */
async function countMessages(
  sql: Sql,
  asked: readonly Asked[],
  { monthlyLimits }: ConfirmationSetup,
  now: Temporal.Instant,
): Promise<void> {
  const quotas = await lockMonthlyQuotas(
    sql,
    asked.map(({ tenantId }) => tenantId),
    monthlyLimits,
    now,
  );
  if (!asked.every(({ tenantId, channel }) => quotas.admitMessage(tenantId, channel)))
    throw new MonthlyLimitReached();
  await countMonthlyMessages(sql, quotas);
}
