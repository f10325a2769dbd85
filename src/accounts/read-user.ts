/** Reads a person. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

export type User = {
  id: string;
  timezone: string | null;
  locale: string | null;
  email: string | null;
  phone: string | null;
  name: string | null;
  benchmarkConsent: boolean | null;
  registeredAt: string;
};

/** Null if the person is not known yet. Rides on the primary key. */
export async function readUser(
  sql: Sql,
  { tenantId, userId }: { tenantId: string; userId: string },
): Promise<User | null> {
  const { rows } = await statement<User>`
    select id, timezone, locale, email, phone, name,
      benchmark_consent as "benchmarkConsent", registered_at as "registeredAt"
    from users
    where tenant_id = ${tenantId} and id = ${userId}`.execute(sql);
  const [row] = rows;
  return row ? { ...row, registeredAt: Temporal.Instant.from(row.registeredAt).toString() } : null;
}
