/**
 * Rebuilds the profile and recommendations of a person, at most every few seconds, and those of other people who wait.
 * Enqueues the notifications of forecast levels that open with it.
 * While others wait, the worker rests most of the time, as alerts share the processor and the database.
 *
 * A crash before the commit leaves the profiles stale: the job runs again, or `sweep-pending` enqueues it. After the
 * commit only notifications may be left, and `sweep-pending` enqueues them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { rebuildProfile } from '../src/insight/profiles/rebuild-profile.ts';
import type { recommendations } from '../src/insight/queue.ts';
import type { Handler } from '../src/runtime/queues/consume.ts';
import { done, later, skip } from '../src/runtime/queues/outcome.ts';
import type { Queues } from '../src/runtime/queues/enqueue.ts';
import { notifications } from '../src/notify/queue.ts';
import type { Services } from '../src/services.ts';

/** The steps that a test replaces, to observe the rests. `uptime`: milliseconds of a monotonic clock. */
export type RecommendSteps = {
  rebuild: typeof rebuildProfile;
  /** Resolves after `ms`, or at once when the process stops. */
  rest(ms: number, signal: AbortSignal | undefined): Promise<unknown>;
  uptime(): number;
};

const steps: RecommendSteps = {
  rebuild: rebuildProfile,
  rest: (ms, signal) => delay(ms, undefined, signal && { signal }).catch(() => undefined),
  uptime: () => performance.now(),
};

type RecommendServices = Pick<Services, 'db' | 'clock' | 'metrics'> & { queues: Pick<Queues, 'enqueue'> };

/** A rest lasts this many times as long as the work before it. */
const restsFor = 4;
const longestRestMs = 2_000;

export const recommend =
  (
    { db, clock, queues, metrics }: RecommendServices,
    { rebuild, rest, uptime }: RecommendSteps = steps,
  ): Handler<(typeof recommendations)['schema']> =>
  async ({ tenantId, profileId, correlationId }, { isRepeat = false, hasFailed = false, signal }) => {
    const began = uptime();
    // A repeated job has waited in the queue, even if the service's clock did not advance. After a failure the job's
    // profile is rebuilt alone, as another profile may have caused the failure.
    const how = { hasRested: isRepeat, isAlone: hasFailed };
    const rebuilt = await rebuild(db, { tenantId, profileId }, clock.now(), how);
    switch (rebuilt.kind) {
      case 'gone':
        return skip('rebuilt already');
      case 'soon':
        return later(rebuilt.at, 'rebuilt a moment ago');
      case 'rebuilt':
        for (const outcome of rebuilt.evaluated.outcomes) metrics.decisions.inc({ outcome });
        await queues.enqueue(
          notifications,
          rebuilt.evaluated.notifications.map((ref) => ({ ...ref, correlationId })),
        );
        if (rebuilt.profiles > 1) await rest(Math.min(restsFor * (uptime() - began), longestRestMs), signal);
        return done(`${rebuilt.profiles} ${rebuilt.profiles === 1 ? 'profile' : 'profiles'}`);
    }
  };
