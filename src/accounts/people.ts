/** People: registered, read and locked. A transaction that moves the sums or rules of a person locks that person first. */
import type { Sql } from '../runtime/database/database.ts';
import type { AddressChannel } from '../values/channels.ts';
import { defaultLocale } from '../values/locale.ts';
import { personKey, type PersonRef } from '../values/refs.ts';
import { sql as statement } from 'kysely';

/**
 * `timeZone` is theirs, or else the tenant's. `snoozeUntil` is the end of their snooze. `hasStalePrices`: some of their sums
 * are still at former exchange rates.
 */
export type Person = PersonRef & {
  timeZone: string;
  locale: string;
  snoozeUntil: Temporal.Instant | null;
  hasStalePrices: boolean;
};

/** The time zone of users `u` of tenants `t`: their own, or else the tenant's. */
export const personTimeZone = statement`coalesce(u.timezone, t.timezone)`;

/** The time zone that users `u` have chosen, or null. Until their many expenses are moved there, another one holds. */
const chosenTimeZone = statement`case when u.moving_since is null then u.timezone else u.moving_to end`;

/** As `chosenTimeZone`, or else that of tenants `t`. */
export const chosenPersonTimeZone = statement`coalesce(${chosenTimeZone}, t.timezone)`;

type Row = {
  tenant_id: string;
  id: string;
  timezone: string;
  locale: string | null;
  snooze_until: string | null;
  has_stale_prices: boolean;
};

/** `for update` also keeps notifications of the person from being planned meanwhile. Both keep each other out. */
const forSpending = statement`for no key update of u`;
const forSettings = statement`for update of u`;
const forSpendingIfFree = statement`for no key update of u skip locked`;

/** True for a person, given by the columns of their tenant and id, with sums at former exchange rates. Primary key. */
export const hasStalePrices = (tenantId: string, userId: string) => statement`exists (
  select from stale_prices s
  where s.tenant_id = ${statement.ref(tenantId)} and s.user_id = ${statement.ref(userId)}
)`;

/**
 * Locks in key order, as everything does that moves sums. The result is keyed by `personKey`. Prices become stale only
 * under the lock on the exchange rates, so whoever holds that before knows of all that are.
 */
export async function lockPeople(
  sql: Sql,
  people: readonly PersonRef[],
  lock = forSpending,
): Promise<Map<string, Person>> {
  const { rows } = await statement<Row>`
    select u.tenant_id, u.id, ${personTimeZone} as timezone, u.locale, u.snooze_until,
      ${hasStalePrices('u.tenant_id', 'u.id')} as has_stale_prices
    from users u join tenants t on t.id = u.tenant_id
    where ${isAmong('u.tenant_id', 'u.id', people)}
    order by u.tenant_id, u.id
    ${lock}`.execute(sql);
  return new Map(rows.map(toPerson).map((person) => [personKey(person), person]));
}

/** `busy`: those whom another transaction holds. They are not locked. */
export type FreePeople = { people: Map<string, Person>; busy: PersonRef[] };

/** Locks those of them whom no other transaction holds, and waits for none. Throws if one is not registered. */
export async function lockFreePeople(sql: Sql, asked: readonly PersonRef[]): Promise<FreePeople> {
  const people = await lockPeople(sql, asked, forSpendingIfFree);
  const busy = asked.filter((person) => !people.has(personKey(person)));
  if (busy.length > 0 && (await countPeople(sql, busy)) < busy.length) throw new Error(notRegistered);
  return { people, busy };
}

async function countPeople(sql: Sql, people: readonly PersonRef[]): Promise<number> {
  const { rows } = await statement<{ people: number }>`
    select count(*)::int as people from users u where ${isAmong('u.tenant_id', 'u.id', people)}`.execute(sql);
  return rows[0]?.people ?? 0;
}

/** True for one of these people, given by the columns of their tenant and id. */
export const isAmong = (tenantId: string, userId: string, people: readonly PersonRef[]) => statement`
  (${statement.ref(tenantId)}, ${statement.ref(userId)}) in (
    select * from unnest(
      ${people.map((person) => person.tenantId)}::uuid[],
      ${people.map((person) => person.userId)}::text[]
    )
  )`;

const notRegistered = 'no such person is registered';

const toPerson = (row: Row): Person => ({
  tenantId: row.tenant_id,
  userId: row.id,
  timeZone: row.timezone,
  locale: row.locale ?? defaultLocale,
  snoozeUntil: row.snooze_until === null ? null : Temporal.Instant.from(row.snooze_until),
  hasStalePrices: row.has_stale_prices,
});

/** Locks one person to change their settings or a rule. Throws if they are not registered. */
export const lockPerson = async (sql: Sql, person: PersonRef): Promise<Person> =>
  lockedPerson(await lockPeople(sql, [person], forSettings), person);

/** Finds a person among those the caller has locked. Throws for anybody else. */
export function lockedPerson(people: ReadonlyMap<string, Person>, ref: PersonRef): Person {
  const person = people.get(personKey(ref));
  if (!person) throw new Error(notRegistered);
  return person;
}

type Snoozed = { snoozeUntil: Temporal.Instant | null };

/** Whether the rule or its person is snoozed at `now`. */
export const isSnoozed = (rule: Snoozed, person: Snoozed, now: Temporal.Instant): boolean =>
  [rule, person].some(
    ({ snoozeUntil }) => snoozeUntil !== null && Temporal.Instant.compare(now, snoozeUntil) < 0,
  );

/** False if the tenant does not exist and so nobody was registered. Rides on the primary keys. */
export async function registerUser(
  sql: Sql,
  person: { tenantId: string; userId: string },
  now: Temporal.Instant,
): Promise<boolean> {
  const { rows } = await statement<{ id: string }>`
    with tenant as (select id from tenants where id = ${person.tenantId}),
    registered as (
      insert into users (tenant_id, id, registered_at)
      select id, ${person.userId}, ${now.toString()}::timestamptz from tenant
      on conflict (tenant_id, id) do nothing
    )
    select id from tenant`.execute(sql);
  return rows.length > 0;
}

export type User = {
  id: string;
  timezone: string | null;
  locale: string | null;
  email: string | null;
  phone: string | null;
  name: string | null;
  benchmarkConsent: boolean | null;
  registeredAt: string;
  /** Addresses that are not used until the person confirms them. */
  unconfirmed: { email: string | null; phone: string | null };
};

/** The address of users `u` that waits for a confirmation, or null. Rides on `address_confirmations_waiting`. */
export const unconfirmedAddress = (channel: AddressChannel) => statement`(
  select c.address from address_confirmations c
  where c.tenant_id = u.tenant_id and c.user_id = u.id and c.channel = ${channel} and c.address is not null
)`;

/** `timezone`: the one they have chosen. Null if the person is not known yet. Rides on the primary key. */
export async function readUser(
  sql: Sql,
  { tenantId, userId }: { tenantId: string; userId: string },
): Promise<User | null> {
  const { rows } = await statement<User>`
    select id, ${chosenTimeZone} as timezone, locale, email, phone, name,
      benchmark_consent as "benchmarkConsent", registered_at as "registeredAt",
      jsonb_build_object('email', ${unconfirmedAddress('email')}, 'phone', ${unconfirmedAddress('sms')}) as unconfirmed
    from users u
    where tenant_id = ${tenantId} and id = ${userId}`.execute(sql);
  const [row] = rows;
  return row ? { ...row, registeredAt: Temporal.Instant.from(row.registeredAt).toString() } : null;
}

/** Rides on the primary keys. */
export async function readTimezone(sql: Sql, { tenantId, userId }: PersonRef): Promise<string> {
  const { rows } = await statement<{ timezone: string }>`
    select ${personTimeZone} as timezone
    from tenants t left join users u on u.tenant_id = t.id and u.id = ${userId}
    where t.id = ${tenantId}`.execute(sql);
  const [row] = rows;
  if (!row) throw new Error('no such tenant');
  return row.timezone;
}

/** Keyed by person. Rides on the primary key. */
export async function listTimezones(
  sql: Sql,
  tenantId: string,
  userIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await statement<{ id: string; timezone: string }>`
    select id, timezone
    from users
    where tenant_id = ${tenantId} and id = any(${userIds}::text[]) and timezone is not null`.execute(sql);
  return new Map(rows.map(({ id, timezone }) => [id, timezone]));
}
