/** Changes what is known of a person, who is registered where they were not. */
import type { Sql } from '../database.ts';
import type { User } from './read-user.ts';

/** What is left out stays. The time zone is `change-timezone.ts`'s: expenses hang on it. */
export type UserChanges = Partial<Pick<User, 'locale' | 'email' | 'phone' | 'name' | 'benchmarkConsent'>>;

/** Rides on the primary key. */
export async function putUser(
  sql: Sql,
  person: { tenantId: string; userId: string },
  { benchmarkConsent, ...texts }: UserChanges,
  now: Temporal.Instant,
): Promise<void> {
  const consent = benchmarkConsent === undefined ? {} : { benchmark_consent: benchmarkConsent };
  const changes = { ...texts, ...consent };
  const draft = sql.insertInto('users').values({
    tenant_id: person.tenantId,
    id: person.userId,
    registered_at: now.toString(),
    ...changes,
  });
  const hasChanges = Object.keys(changes).length > 0;
  await draft
    .onConflict((known) => {
      const conflict = known.columns(['tenant_id', 'id']);
      return hasChanges ? conflict.doUpdateSet(changes) : conflict.doNothing();
    })
    .execute();
}
