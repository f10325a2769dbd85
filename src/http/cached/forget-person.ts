/** Deletes what is cached about a person, in every process and in Redis. */
import type { Caches } from '../../runtime/cache/caches.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { CachedRecommendations } from './cached-recommendations.ts';
import { CachedRules } from './cached-rules.ts';

/** Resolves when it is done. A failure is only logged: what is cached then ends with its TTL, an hour at most. */
export async function forgetPerson(
  { db, clock }: Pick<HttpDependencies, 'db' | 'clock'>,
  caches: Caches,
  person: PersonRef,
): Promise<void> {
  const deps = { db, clock, caches };
  await Promise.all([new CachedRules(deps).erase(person), new CachedRecommendations(deps).erase(person)]);
}
