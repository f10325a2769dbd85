/** Moves a person into another time zone, as their service does. */
import type { Evaluated } from '../../../src/alerts/evaluate/write-evaluations.ts';
import type { Database } from '../../../src/runtime/database/database.ts';
import { changeUser } from '../../../src/settings/put-user.ts';
import type { PersonRef } from '../../../src/values/refs.ts';

export const movePerson = (
  db: Database,
  person: PersonRef,
  timezone: string | null,
  now: Temporal.Instant,
): Promise<Evaluated> =>
  db.transaction([person.tenantId], (sql) => changeUser(sql, person, { timezone }, now));
