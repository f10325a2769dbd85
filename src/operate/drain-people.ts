/** Works for many people at once, and holds up nobody for the sake of one whose rows make the work fail. */
import { setTimeout as delay } from 'node:timers/promises';
import { setAside } from '../accounts/set-aside.ts';
import { type Database, isDataFault } from '../runtime/database/database.ts';
import { listTenants } from '../accounts/tenants.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Sql } from '../runtime/database/database.ts';
import type { Log } from '../runtime/log.ts';
import type { PersonRef } from '../values/refs.ts';
import { drain } from './drain.ts';

/** People in one transaction: each is locked until it ends. */
const peopleAtATime = 100;

type Draining = { db: Database; clock: Clock; log: Log; name: string; signal: AbortSignal | undefined };

/** Finds at most `limit` people who are due, without `busy` and those who are set aside. */
type Find = (
  sql: Sql,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
  busy: readonly PersonRef[],
) => Promise<PersonRef[]>;

/** `busy`: those of a portion who were left out, because another transaction held them. */
type Worked = { busy: readonly PersonRef[] };

/** The last so many of those who were busy are not looked for again before all others are done. */
const busyAtMost = 1_000;
/** After so many portions in a row in which everybody was busy, the rest is left to whoever holds them. */
const portionsInVain = busyAtMost / peopleAtATime;
/** Most transactions end in milliseconds. So the busy ones are looked for again after these pauses. */
const pausesMs = [50, 200, 1_000];

/**
 * Works through all people who are due, in portions, and returns their number. It waits for no lock: those whom another
 * transaction holds come last, and those still held are left to the next run. So several may work through the same people
 * side by side. `follow` gets what the transactions of a portion returned, once they are committed.
 */
export async function drainPeople<Result extends Worked>(
  { db, clock, log, name, signal }: Draining,
  find: Find,
  work: (people: readonly PersonRef[], now: Temporal.Instant) => Promise<Result>,
  follow: (results: Result[]) => Promise<void>,
): Promise<number> {
  let busy: PersonRef[] = [];
  let worked = 0;
  let inVain = 0;
  const takePortion = async (limit: number): Promise<number> => {
    const now = clock.now();
    const tenantIds = await listTenants(db.sql);
    const due = await db.transaction(tenantIds, (sql) => find(sql, tenantIds, limit, now, busy));
    const isDue = async ({ tenantId, userId }: PersonRef): Promise<boolean> =>
      (await db.transaction([tenantId], (sql) => find(sql, [tenantId], limit, now, []))).some(
        (person) => person.userId === userId,
      );
    const results = await withEach({ db, log, name, now, isDue }, due, (people) => work(people, now));
    await follow(results);
    const leftOut = results.flatMap((result) => result.busy);
    busy = [...busy, ...leftOut].slice(-busyAtMost);
    worked += due.length - leftOut.length;
    inVain = leftOut.length === due.length ? inVain + 1 : 0;
    return inVain < portionsInVain ? due.length : 0;
  };
  await drain(peopleAtATime, signal, takePortion);
  for (const ms of pausesMs) {
    if (busy.length === 0) break;
    await delay(ms, undefined, signal && { signal });
    [busy, inVain] = [[], 0];
    await drain(peopleAtATime, signal, takePortion);
  }
  return worked;
}

type Job = {
  db: Database;
  log: Log;
  name: string;
  now: Temporal.Instant;
  isDue: (person: PersonRef) => Promise<boolean>;
};

/**
 * Runs `work`, a transaction, for all of them. If their data makes it fail they are halved, until the one at fault stands
 * alone and is set aside, unless that person is not due any more, having been erased meanwhile. Any other error is
 * thrown: it is the database's, and the next run tries again.
 */
async function withEach<Result>(
  job: Job,
  people: readonly PersonRef[],
  work: (people: readonly PersonRef[]) => Promise<Result>,
): Promise<Result[]> {
  if (people.length === 0) return [];
  try {
    return [await work(people)];
  } catch (error) {
    if (!isDataFault(error)) throw error;
    const [only, ...others] = people;
    if (only && others.length === 0) {
      if (!(await job.isDue(only))) return [];
      const { db, log, name, now } = job;
      log.error(
        { err: error, tenantId: only.tenantId, job: name },
        'set a person aside whose rows fail the job',
      );
      await setAside(db, only, name, error, now);
      return [];
    }
  }
  const middle = Math.ceil(people.length / 2);
  const first = await withEach(job, people.slice(0, middle), work);
  return [...first, ...(await withEach(job, people.slice(middle), work))];
}
