/**
 * Erases a person: every row that holds something of them. A keyed hash of their id stays for 30 days.
 *
 * 1. Under the person's lock, which evaluations take too, one transaction writes the hash, deletes the rows and ends with
 *    the row in `users`. A crash before the commit leaves everything. Somebody with more than a portion of rows is marked
 *    and silenced first, then loses the large tables portion by portion, and then the rest in that one transaction.
 * 2. The person's events are deleted from the inbox. Until then an evaluation drops them.
 * 3. The bookkeeping of benchmarks is deleted, and the id beside the hash.
 *
 * A crash in between leaves the id beside the hash, and `sweep-pending` goes on from there.
 */
import { sql as statement } from 'kysely';
import { type AuditEntry, recordAudit, unnamePerson } from '../accounts/audit-record.ts';
import {
  endErasure,
  type ErasedPerson,
  erasures,
  listUnfinished,
  lockErasure,
  readUnfinished,
  writeErasure,
} from '../accounts/erased-people.ts';
import type { HashPerson } from '../accounts/person-hash.ts';
import { lockPeople } from '../accounts/people.ts';
import { lockRatesShared } from '../alerts/spending/lock-rates.ts';
import { type Clock, machineTime } from '../runtime/clock.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { personKey, type PersonRef } from '../values/refs.ts';
import {
  addDeleted,
  deleteBenchmarkPeople,
  type Deleted,
  deleteEvents,
  deleteRows,
  hasManyRows,
  portions,
  rowsAtATime,
  silence,
} from './delete-rows.ts';

type Erasing = { db: Database; clock: Clock };

/** Returns the deleted rows by table, without tables that had none; null if no such person is registered. */
export async function erasePerson(
  { db, clock, hashPerson }: Erasing & { hashPerson: HashPerson },
  { tenantId, userId }: PersonRef,
  asker: Pick<AuditEntry, 'actor' | 'address'>,
): Promise<Deleted | null> {
  const person = { tenantId, userId, hash: hashPerson({ tenantId, userId }) };
  const begun = await db.transaction([tenantId], async (sql) => {
    if (!(await isLocked(sql, person))) return null;
    await recordAudit(sql, {
      action: 'person.erased',
      ...asker,
      tenantId,
      subject: person.hash.toString('hex'),
    });
    if (!(await hasManyRows(sql, person))) return eraseLocked(sql, person, clock);
    await writeErasure(sql, person, timesOf(clock), true);
    await silence(sql, person);
    return 'many';
  });
  if (begun === null) return null;
  const deleted = begun === 'many' ? await erasePortions({ db, clock }, person) : begun;
  const all = addDeleted(deleted, await finishErasure(db, person));
  return Object.fromEntries(Object.entries(all).filter(([, rows]) => rows > 0));
}

/** Time that an erasure may take before others believe that it crashed. */
const restingTime = { seconds: 60 } as const;

/** Goes on with erasures that a crash has left unfinished, and returns their number. */
export async function finishErasures({ db, clock }: Erasing, tenantIds: readonly string[]): Promise<number> {
  const before = clock.now().subtract(restingTime);
  const unfinished = await db.transaction(tenantIds, (sql) => listUnfinished(sql, tenantIds, before));
  for (const person of unfinished) {
    await erasePortions({ db, clock }, person);
    await finishErasure(db, person);
  }
  return unfinished.length;
}

const timesOf = (clock: Clock) => {
  const erasedAt = clock.now();
  return { erasedAt, tokensFrom: machineTime(erasedAt, clock) };
};

/** Keeps changes of rates out, and then evaluations, plans and changes of settings. */
async function isLocked(sql: Sql, person: PersonRef): Promise<boolean> {
  await lockRatesShared(sql, [person.tenantId]);
  return (await lockPeople(sql, [person], statement`for update`)).size > 0;
}

/** The time is taken under the lock, so that what was received before it has been evaluated or will be dropped. */
async function eraseLocked(sql: Sql, person: ErasedPerson, clock: Clock): Promise<Deleted> {
  const deleted = await deleteRows(sql, person);
  await unnamePerson(sql, person, person.hash.toString('hex'));
  await writeErasure(sql, person, timesOf(clock), false);
  await statement`select pg_notify(${erasures}, ${personKey(person)})`.execute(sql);
  return deleted;
}

/** Does nothing if another process has deleted the person's row meanwhile. */
async function erasePortions({ db, clock }: Erasing, person: ErasedPerson): Promise<Deleted> {
  const locked = <T>(work: (sql: Sql) => Promise<T>): Promise<T | null> =>
    db.transaction([person.tenantId], async (sql) => {
      await isLocked(sql, person);
      return (await lockErasure(sql, person)) ? work(sql) : null;
    });
  let all: Deleted = {};
  for (const portion of portions)
    for (let isMore = true; isMore;) {
      const deleted = (await locked((sql) => portion(sql, person))) ?? {};
      isMore = Object.values(deleted).some((rows) => rows >= rowsAtATime);
      all = addDeleted(all, deleted);
    }
  return addDeleted(all, (await locked((sql) => eraseLocked(sql, person, clock))) ?? {});
}

async function finishErasure(db: Database, person: ErasedPerson): Promise<Deleted> {
  const inTenant = <T>(work: (sql: Sql) => Promise<T>) => db.transaction([person.tenantId], work);
  const erasedAt = await inTenant((sql) => readUnfinished(sql, person));
  if (erasedAt === null) return {};
  const events = await inTenant((sql) => deleteEvents(sql, person, erasedAt));
  const others = await inTenant(async (sql) => {
    const deleted = await deleteBenchmarkPeople(sql, person);
    await endErasure(sql, person, erasedAt);
    return deleted;
  });
  return addDeleted(events, others);
}
