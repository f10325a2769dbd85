/** Tells of the levels that opened again inside a cooldown and are still open when it ends. */
import { done } from '../src/contracts/outcome.ts';
import { notifications } from '../src/contracts/index.ts';
import type { ScheduledJob } from './scheduled-job.ts';

const limit = 500;

export const endCooldowns: ScheduledJob = {
  name: 'end-cooldowns',
  cron: '* * * * *',
  // A run settles whatever has ended by then, so a missed one leaves nothing to make up for.
  catchUp: 1,
  about: 'notifies of alerts that opened again inside a cooldown, once it has ended',
  async run(slot, deps, { signal }) {
    const correlationId = `end-cooldowns ${slot.toString()}`;
    let ended = 0;
    for (let found = limit; found === limit; ended += found) {
      signal?.throwIfAborted();
      const evaluated = await deps.endDueCooldowns(limit);
      await deps.ring(
        notifications,
        evaluated.notifications.map((each) => ({ ...each, correlationId })),
      );
      found = evaluated.levels;
    }
    return done(`${ended} cooldowns ended`);
  },
};
