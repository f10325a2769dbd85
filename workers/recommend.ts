/**
 * Rebuilds a person's profile and recommendations, every few seconds at most, and those of some others who wait. While
 * others wait, most of the time is left to alerts, which share the processor and the database.
 *
 * A crash before the commit leaves the profiles stale: the job is run again, or `sweep-pending` enqueues it. After the
 * commit nothing is left to do.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { rebuildProfile } from '../src/insight/profiles/rebuild-profile.ts';
import type { recommendations } from '../src/insight/queue.ts';
import type { Handler } from '../src/runtime/queues/consume.ts';
import { done, later, skip } from '../src/runtime/queues/outcome.ts';
import type { Services } from '../src/services.ts';

/** The steps that a test replaces, to see how long it rests. `uptime`: milliseconds of a clock that is never set. */
export type RecommendSteps = {
  rebuild: typeof rebuildProfile;
  /** Resolves after so long, and at once where the process stops. */
  rest(ms: number, signal: AbortSignal | undefined): Promise<unknown>;
  uptime(): number;
};

const steps: RecommendSteps = {
  rebuild: rebuildProfile,
  rest: (ms, signal) => delay(ms, undefined, signal && { signal }).catch(() => undefined),
  uptime: () => performance.now(),
};

/** Times the time it worked. */
const restsFor = 4;
const longestRestMs = 2_000;

export const recommend =
  (
    { db, clock }: Pick<Services, 'db' | 'clock'>,
    { rebuild, rest, uptime }: RecommendSteps = steps,
  ): Handler<(typeof recommendations)['schema']> =>
  async ({ tenantId, profileId }, { isRepeat = false, hasFailed = false, signal }) => {
    const began = uptime();
    // The queue has waited, whether or not the service's clock went on meanwhile. Another profile may have failed it.
    const how = { hasRested: isRepeat, isAlone: hasFailed };
    const rebuilt = await rebuild(db, { tenantId, profileId }, clock.now(), how);
    switch (rebuilt.kind) {
      case 'gone':
        return skip('rebuilt already');
      case 'soon':
        return later(rebuilt.at, 'rebuilt a moment ago');
      case 'rebuilt':
        if (rebuilt.profiles > 1) await rest(Math.min(restsFor * (uptime() - began), longestRestMs), signal);
        return done(`${rebuilt.profiles} ${rebuilt.profiles === 1 ? 'profile' : 'profiles'}`);
    }
  };
