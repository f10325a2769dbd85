/** Works for many people at once, and holds up nobody for the sake of one whose rows make the work fail. */
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

/** Finds at most `limit` people who are due, without those who are set aside. */
type Find = (
  sql: Sql,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
) => Promise<PersonRef[]>;

/**
 * Works through all people who are due, in portions, and returns their number. `follow` gets what the transactions of a
 * portion returned, once they are committed.
 */
export const drainPeople = <Result>(
  { db, clock, log, name, signal }: Draining,
  find: Find,
  work: (people: readonly PersonRef[], now: Temporal.Instant) => Promise<Result>,
  follow: (results: Result[]) => Promise<void>,
): Promise<number> =>
  drain(peopleAtATime, signal, async (limit) => {
    const now = clock.now();
    const tenantIds = await listTenants(db.sql);
    const due = await db.transaction(tenantIds, (sql) => find(sql, tenantIds, limit, now));
    const isDue = async ({ tenantId, userId }: PersonRef): Promise<boolean> =>
      (await db.transaction([tenantId], (sql) => find(sql, [tenantId], limit, now))).some(
        (person) => person.userId === userId,
      );
    await follow(await withEach({ db, log, name, now, isDue }, due, (people) => work(people, now)));
    return due.length;
  });

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
