/** Since when people's digests are due. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';

/** By `personKey`; who wants none, or has yet to have it worked out, is not in it. Rides on the primary key. */
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
