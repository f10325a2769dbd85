/** Works for many people at once, and holds up nobody for the sake of one whose rows make the work fail. */
import { setAside } from '../accounts/set-aside.ts';
import { type Database, isDataFault } from '../runtime/database/database.ts';
import type { Log } from '../runtime/log.ts';
import type { PersonRef } from '../values/refs.ts';

type Job = { db: Database; log: Log; name: string; now: Temporal.Instant };

/**
 * Runs `work`, a transaction, for all of them. If their data makes it fail they are halved, until the one at fault stands
 * alone and is set aside. Any other error is thrown: it is the database's, and the next run tries again.
 */
export async function withEach<Result>(
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
