/**
 * Prices expenses anew after a change of exchange rates that covers many. People whose sums are at the former rates are
 * marked; each portion of them is one transaction. A crash leaves the others to the next run.
 */
import { notifications } from '../src/notify/queue.ts';
import { drainPeople } from '../src/operate/drain-people.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';
import { findStalePeople, repriceJob as name, repricePeople } from '../src/settings/reprice-people.ts';

export const repriceExpenses: ScheduledJob = {
  name,
  cron: '*/15 * * * * *',
  // Each run finds everybody whose prices are stale, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'prices expenses anew after a change of exchange rates that covers many',
  async run(slot, { db, clock, log, queues }, { signal }) {
    const correlationId = `${name} ${slot.toString()}`;
    let expenses = 0;
    const people = await drainPeople(
      { db, clock, log, name, signal },
      findStalePeople,
      (portion, now) => repricePeople(db, portion, now),
      async (repriced) => {
        expenses += repriced.reduce((sum, each) => sum + each.expenses, 0);
        const made = repriced.flatMap((each) => each.notifications);
        await queues.enqueue(
          notifications,
          made.map((each) => ({ ...each, correlationId })),
        );
      },
    );
    return done(`${expenses} expenses of ${people} people priced anew`);
  },
};
