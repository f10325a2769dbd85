/**
 * People whose rows make a scheduled job fail. Each is set aside for an hour, so that the job goes on with everybody else.
 * The error is kept for the operator.
 */
import { sql as statement } from 'kysely';
import type { Database, Sql } from '../runtime/database/database.ts';
import type { PersonRef } from '../values/refs.ts';

const hours = 1;

/** True for a person who is set aside now, given by the columns of their tenant and id. Primary key. */
export const isSetAside = (
  tenantId: string,
  userId: string,
  job: string,
  now: Temporal.Instant,
) => statement`exists (
  select from set_aside s
  where s.tenant_id = ${statement.ref(tenantId)} and s.user_id = ${statement.ref(userId)}
    and s.job = ${job} and s.until > ${now.toString()}::timestamptz
)`;

export const setAside = (
  db: Database,
  { tenantId, userId }: PersonRef,
  job: string,
  error: unknown,
  now: Temporal.Instant,
): Promise<void> =>
  db.transaction([tenantId], async (sql) => {
    const until = now.add({ hours }).toString();
    const text = error instanceof Error ? error.message : String(error);
    await statement`
      insert into set_aside (tenant_id, user_id, job, error, since, until)
      values (${tenantId}, ${userId}, ${job}, ${text}, ${now.toString()}, ${until})
      on conflict (tenant_id, user_id, job) do update set error = excluded.error, until = excluded.until`.execute(
      sql,
    );
  });

export type SetAside = { job: string; people: number; since: string; error: string };

/** Those who are set aside now, by job, with the error of one of them. */
export async function listSetAside(
  sql: Sql,
  tenantIds: readonly string[],
  now: Temporal.Instant,
): Promise<SetAside[]> {
  const { rows } = await statement<SetAside>`
    select job, count(*)::int as people, min(since) as since, min(error) as error
    from set_aside
    where tenant_id = any(${tenantIds}::uuid[]) and until > ${now.toString()}::timestamptz
    group by job
    order by job`.execute(sql);
  return rows;
}

/** Deletes those who are set aside no longer. Reads the tenant's part of the primary key, which has a few rows. */
export async function deleteOldSetAside(sql: Sql, tenantId: string, now: Temporal.Instant): Promise<void> {
  await sql
    .deleteFrom('set_aside')
    .where('tenant_id', '=', tenantId)
    .where('until', '<=', now.toString())
    .execute();
}
