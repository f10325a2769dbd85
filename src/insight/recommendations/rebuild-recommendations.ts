/** Brings people's recommendations up to date with what their profiles suggest. */
import { limitsFrom, rank } from '../decide/choice.ts';
import { reconcile } from '../decide/lifecycle.ts';
import type { Profile } from '../decide/profile.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { readAnswers } from './read-answers.ts';
import { readLatestRecommendations } from './read-latest-recommendations.ts';
import { writeRecommendations } from './write-recommendations.ts';

/** The caller holds the locks on these people, who belong to one tenant. */
export async function rebuildRecommendations(
  sql: Sql,
  tenantId: string,
  people: readonly { userId: string; profile: Profile }[],
  now: Temporal.Instant,
): Promise<void> {
  const userIds = people.map(({ userId }) => userId);
  const refs = userIds.map((userId) => ({ tenantId, userId }));
  const latest = await readLatestRecommendations(sql, refs, now);
  const answers = await readAnswers(sql, tenantId, userIds, now);
  const plans = people.map(({ userId, profile }) => {
    const own = answers.get(userId) ?? [];
    const found = profile.suggestions.map((each) => rank(each, own));
    return { userId, plan: reconcile(found, latest.get(userId) ?? [], now, limitsFrom(own, now)) };
  });
  await writeRecommendations(sql, tenantId, plans, now);
}
