/** Notifies of levels that opened again within a cooldown, if they are still open when it ends. */
import { endDueCooldowns, findEndedCooldowns } from '../src/alerts/evaluate/end-cooldowns.ts';
import { notifications } from '../src/notify/queue.ts';
import { drainPeople } from '../src/operate/drain-people.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

const name = 'end-cooldowns';

export const endCooldowns: ScheduledJob = {
  name,
  cron: '* * * * *',
  // Each run finds every cooldown that has ended, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'sends notifications of alerts that opened again within a cooldown, once it has ended',
  async run(slot, { db, clock, log, queues }, { signal }) {
    const correlationId = `end-cooldowns ${slot.toString()}`;
    let ended = 0;
    await drainPeople(
      { db, clock, log, name, signal },
      findEndedCooldowns,
      (portion, now) => endDueCooldowns(db, portion, now),
      async (evaluated) => {
        ended += evaluated.reduce((sum, { levels }) => sum + levels, 0);
        const made = evaluated.flatMap((each) => each.notifications);
        await queues.enqueue(
          notifications,
          made.map((each) => ({ ...each, correlationId })),
        );
      },
    );
    return done(`${ended} cooldowns ended`);
  },
};
