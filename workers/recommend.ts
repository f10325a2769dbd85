/**
 * Rebuilds a person's profile and recommendations, every few seconds at most, and those of some who wait. While
 * there are such, most of the time is left to alerts, which share the processor and the database.
 *
 * A crash before the commit leaves the profiles stale: the job is run again, or `sweep-pending` rings. After it
 * nothing is left to do.
 */
import type { recommendations } from '../src/contracts/index.ts';
import { done, later, type Outcome, skip } from '../src/contracts/outcome.ts';
import type { Handler } from '../src/queue/consume.ts';

type ProfileRef = { tenantId: string; profileId: string };

type Rebuilt =
  | { kind: 'gone' }
  | { kind: 'soon'; at: Temporal.Instant }
  | { kind: 'rebuilt'; profiles: number };

export type RecommendDependencies = {
  /** `hasRested`: however soon it is after the last time. `isAlone`: nobody who waits is taken along. */
  rebuild(profile: ProfileRef, how: { hasRested: boolean; isAlone: boolean }): Promise<Rebuilt>;
  /** Resolves after so long, and at once where the process stops. */
  rest(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** Of a clock that is never set, in milliseconds. */
  uptime(): number;
};

/** Times the time that was worked. */
const restsFor = 4;
const longestRestMs = 2_000;

export const recommend =
  ({ rebuild, rest, uptime }: RecommendDependencies): Handler<(typeof recommendations)['schema']> =>
  async ({ tenantId, profileId }, { isRepeat = false, hasFailed = false, signal }): Promise<Outcome> => {
    const began = uptime();
    // The queue has waited, whether the service's clock went on meanwhile or not. What failed may have been another's.
    const how = { hasRested: isRepeat, isAlone: hasFailed };
    const rebuilt = await rebuild({ tenantId, profileId }, how);
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
