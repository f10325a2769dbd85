/**
 * Drops events of claimed batches that were received before their person was erased. Erasing deletes such events too.
 * These were committed while it ran, or are evaluated before it has come to them.
 */
import { sql as statement } from 'kysely';
import { findErased } from '../../accounts/erased-people.ts';
import type { HashPerson } from '../../accounts/person-hash.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { ClaimedBatches } from './claim-batches.ts';

/** A person whom this claim registered for these events alone is not registered any more. */
export async function dropErased(
  sql: Sql,
  { people, tenantIds, batchIds }: ClaimedBatches,
  hashPerson: HashPerson,
): Promise<void> {
  const erased = await findErased(
    sql,
    people.map(readKey).map((person) => ({ ...person, hash: hashPerson(person) })),
  );
  if (erased.length === 0) return;
  const given = statement`unnest(
    ${erased.map(({ tenantId }) => tenantId)}::uuid[],
    ${erased.map(({ userId }) => userId)}::text[],
    ${erased.map(({ erasedAt }) => erasedAt.toString())}::timestamptz[]
  ) as given (tenant_id, user_id, erased_at)`;
  const batches = statement`unnest(${tenantIds}::uuid[], ${batchIds}::uuid[]) as batch (tenant_id, batch_id)`;
  await statement`
    delete from events e
    using ${batches} join event_batches b on b.tenant_id = batch.tenant_id and b.id = batch.batch_id, ${given}
    where e.tenant_id = batch.tenant_id and e.batch_id = batch.batch_id
      and given.tenant_id = e.tenant_id and given.user_id = e.user_id and b.received_at < given.erased_at`.execute(
    sql,
  );
  await statement`
    delete from users u
    using ${given}
    where u.tenant_id = given.tenant_id and u.id = given.user_id and u.xmin = pg_current_xact_id()::xid
      and not exists (
        select from ${batches} join events e using (tenant_id, batch_id)
        where e.tenant_id = u.tenant_id and e.user_id = u.id
      )`.execute(sql);
}

const uuidLength = 36;

/** Reads a `personKey`. */
const readKey = (key: string): PersonRef => ({
  tenantId: key.slice(0, uuidLength),
  userId: key.slice(uuidLength + 1),
});
