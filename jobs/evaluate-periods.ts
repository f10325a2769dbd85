/** Measures every rule whose next period has begun against what is already dated in it. */
import { done } from '../src/contracts/outcome.ts';
import { notifications } from '../src/contracts/index.ts';
import type { ScheduledJob } from './scheduled-job.ts';

const limit = 500;

export const evaluatePeriods: ScheduledJob = {
  name: 'evaluate-periods',
  cron: '*/5 * * * *',
  // A run measures whatever has begun by then, so a missed one leaves nothing to make up for.
  catchUp: 1,
  about: 'opens the budget periods that have begun and measures what is already dated in them',
  async run(slot, deps, { signal }) {
    const correlationId = `evaluate-periods ${slot.toString()}`;
    let opened = 0;
    for (let found = limit; found === limit; opened += found) {
      signal?.throwIfAborted();
      const evaluated = await deps.openPeriods(limit);
      await deps.ring(
        notifications,
        evaluated.notifications.map((each) => ({ ...each, correlationId })),
      );
      found = evaluated.rules;
    }
    return done(`${opened} periods opened`);
  },
};
