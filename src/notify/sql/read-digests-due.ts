/** Reads when people's next digests are due. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';

/** By `personKey`, without people who have digests off or no due time yet. Rides on the primary key. */
export async function readDigestsDue(
  sql: Sql,
  people: readonly PersonRef[],
): Promise<Map<string, Temporal.Instant>> {
  const { rows } = await statement<{ tenant_id: string; id: string; digest_due_at: string }>`
    select tenant_id, id, digest_due_at
    from users
    where (tenant_id, id) in (
        select * from unnest(
          ${people.map(({ tenantId }) => tenantId)}::uuid[],
          ${people.map(({ userId }) => userId)}::text[]
        )
      )
      and isfinite(digest_due_at)`.execute(sql);
  return new Map(
    rows.map(({ tenant_id, id, digest_due_at }) => [
      personKey({ tenantId: tenant_id, userId: id }),
      Temporal.Instant.from(digest_due_at),
    ]),
  );
}
