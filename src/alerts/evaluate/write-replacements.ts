/** Records with events which event of another sender they replaced. */
import { sql as statement } from 'kysely';
import type { Replacement } from '../decide/apply-events.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

/** Rides on the primary key of `events`. */
export async function writeReplacements(sql: Sql, replacements: readonly Replacement[]): Promise<void> {
  if (replacements.length === 0) return;
  const column = columnOf(replacements);
  await statement`
    update events e
    set replaced_source = given.replaced_source, replaced_id = given.replaced_id
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ event }) => event.source)}::text[],
      ${column(({ event }) => event.id)}::text[],
      ${column(({ replaced }) => replaced.source)}::text[],
      ${column(({ replaced }) => replaced.id)}::text[]
    ) as given (tenant_id, source, id, replaced_source, replaced_id)
    where e.tenant_id = given.tenant_id and e.source = given.source and e.id = given.id`.execute(sql);
}
