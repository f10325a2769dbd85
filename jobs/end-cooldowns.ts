/** Notifies of levels that opened again within a cooldown, if they are still open when it ends. */
import { listTenants } from '../src/accounts/tenants.ts';
import { endDueCooldowns } from '../src/alerts/evaluate/end-cooldowns.ts';
import { notifications } from '../src/notify/queue.ts';
import { drain } from '../src/operate/drain.ts';
import type { ScheduledJob } from '../src/operate/scheduled-job.ts';
import { done } from '../src/runtime/queues/outcome.ts';

const levelsAtATime = 500;

export const endCooldowns: ScheduledJob = {
  name: 'end-cooldowns',
  cron: '* * * * *',
  // Each run finds every cooldown that has ended, so a missed slot leaves nothing to make up for.
  catchUp: 1,
  about: 'sends notifications of alerts that opened again within a cooldown, once it has ended',
  async run(slot, { db, clock, queues }, { signal }) {
    const correlationId = `end-cooldowns ${slot.toString()}`;
    const ended = await drain(levelsAtATime, signal, async (limit) => {
      const evaluated = await endDueCooldowns(db, await listTenants(db.sql), limit, clock.now());
      await queues.enqueue(
        notifications,
        evaluated.notifications.map((each) => ({ ...each, correlationId })),
      );
      return evaluated.levels;
    });
    return done(`${ended} cooldowns ended`);
  },
};
