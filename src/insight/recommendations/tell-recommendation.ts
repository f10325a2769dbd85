/** A recommendation that was not told yet may be told in a digest, one a week at most. */
import { sql as statement } from 'kysely';
import { columnOf } from '../../runtime/database/column-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { AdviceFigures } from '../decide/summary.ts';

const hoursApart = 24 * 7;

/**
 * In the order of `people`: the open one that is worth most and was not told. Null if there is none, or if another was told
 * in the last seven days. Rides on `smart_recommendations_user`.
 */
export async function readUntold(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<(AdviceFigures | null)[]> {
  if (people.length === 0) return [];
  const column = columnOf(people);
  const since = now.subtract({ hours: hoursApart }).toString();
  const { rows } = await statement<{ advice: AdviceFigures | null }>`
    select (
      select jsonb_build_object('recommendationId', r.id, 'category', coalesce(c.name, r.category_id),
        'currency', r.currency, 'savingMinor', r.monthly_saving_minor::text, 'evidence', r.evidence)
      from smart_recommendations r
      left join categories c on c.tenant_id = r.tenant_id and c.id = r.category_id
      where r.tenant_id = k.tenant_id and r.user_id = k.user_id and r.status = 'suggested'
        and r.expires_at > ${now.toString()}::timestamptz and r.told_at is null
        and not exists (
          select from smart_recommendations told
          where told.tenant_id = r.tenant_id and told.user_id = r.user_id and told.told_at > ${since}::timestamptz
        )
      order by r.worth desc, r.id desc
      limit 1
    ) as advice
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ userId }) => userId)}::text[]
    ) with ordinality as k (tenant_id, user_id, position)
    order by k.position`.execute(sql);
  return rows.map(({ advice }) => advice);
}

/** Notes that recommendations were told. Rides on the primary key. */
export async function noteTold(
  sql: Sql,
  told: readonly { tenantId: string; recommendationId: string }[],
  now: Temporal.Instant,
): Promise<void> {
  if (told.length === 0) return;
  const column = columnOf(told);
  await statement`
    update smart_recommendations r set told_at = ${now.toString()}::timestamptz
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ recommendationId }) => recommendationId)}::uuid[]
    ) as told (tenant_id, id)
    where r.tenant_id = told.tenant_id and r.id = told.id`.execute(sql);
}
