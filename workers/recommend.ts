/**
 * Rebuilds a person's profile and recommendations, every few seconds at most, and those of some who wait.
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
  /** `hasRested`: however soon it is after the last time. */
  rebuild(profile: ProfileRef, hasRested: boolean): Promise<Rebuilt>;
};

export const recommend =
  ({ rebuild }: RecommendDependencies): Handler<(typeof recommendations)['schema']> =>
  async ({ tenantId, profileId }, { isRepeat = false }): Promise<Outcome> => {
    // The queue has waited, whether the service's clock went on meanwhile or not.
    const rebuilt = await rebuild({ tenantId, profileId }, isRepeat);
    switch (rebuilt.kind) {
      case 'gone':
        return skip('rebuilt already');
      case 'soon':
        return later(rebuilt.at, 'rebuilt a moment ago');
      case 'rebuilt':
        return done(`${rebuilt.profiles} ${rebuilt.profiles === 1 ? 'profile' : 'profiles'}`);
    }
  };
