/** Records with events which event of another sender they replaced, and that they were refused. */
import { sql as statement } from 'kysely';
import type { Replacement, StoredEvent } from '../decide/apply-events.ts';
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

/** The sender may read it, so it does not say whose the expense is. */
const reason = 'the expense that data.replaces names belongs to another person';

/** Rides on the primary key of `events`. */
export async function writeRefusals(sql: Sql, refused: readonly StoredEvent[]): Promise<void> {
  if (refused.length === 0) return;
  const column = columnOf(refused);
  await statement`
    update events e
    set error = ${reason}
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ source }) => source)}::text[],
      ${column(({ id }) => id)}::text[]
    ) as given (tenant_id, source, id)
    where e.tenant_id = given.tenant_id and e.source = given.source and e.id = given.id`.execute(sql);
}
