/** Which tokens have ended before their time, and ending them. */
import type { Database } from '../runtime/database/database.ts';
import { sql as statement } from 'kysely';
import type { PersonRef } from '../values/refs.ts';
import { recordAudit } from './audit-record.ts';

/** Tokens issued before an instant are refused. `keyIds` are the revoked keys, whose tokens are refused too. */
export type Revocations = {
  tenantFrom: Temporal.Instant | null;
  peopleFrom: ReadonlyMap<string, Temporal.Instant>;
  keyIds: ReadonlySet<string>;
};

type Row = { tenant_from: string | null; people: Record<string, string>; key_ids: string[] };

/**
 * People whose tokens were ended before `since` are left out, as tokens of then have expired. Null if the tenant does not
 * exist. Rides on primary keys and `users_tokens_valid_from`.
 */
export async function readRevocations(
  db: Database,
  tenantId: string,
  since: Temporal.Instant,
): Promise<Revocations | null> {
  const [row] = await db.statement<Row>(
    [tenantId],
    statement<Row>`
      select t.tokens_valid_from as tenant_from,
        (select coalesce(jsonb_object_agg(u.id, u.tokens_valid_from), '{}') from users u
         where u.tenant_id = t.id and u.tokens_valid_from >= ${since.toString()}::timestamptz) as people,
        (select coalesce(array_agg(k.id::text), '{}') from api_keys k
         where k.tenant_id = t.id and k.revoked_at is not null) as key_ids
      from tenants t
      where t.id = ${tenantId}`,
  );
  if (!row) return null;
  return {
    tenantFrom: row.tenant_from === null ? null : Temporal.Instant.from(row.tenant_from),
    peopleFrom: new Map(
      Object.entries(row.people).map(([userId, from]) => [userId, Temporal.Instant.from(from)]),
    ),
    keyIds: new Set(row.key_ids),
  };
}

/**
 * Ends the tokens issued so far: of one person, or without `userId` of everybody of the tenant. `now` is the machine's
 * time, as tokens have it. False if the tenant or person does not exist. Rides on the primary keys.
 */
export const endTokens = (
  db: Database,
  { tenantId, userId }: { tenantId: string; userId: PersonRef['userId'] | null },
  now: Temporal.Instant,
  actor: string,
): Promise<boolean> =>
  db.transaction([tenantId], async (sql) => {
    const from = statement`${now.toString()}::timestamptz`;
    const { rows } = await (
      userId === null
        ? statement`update tenants set tokens_valid_from = ${from} where id = ${tenantId} returning id`
        : statement`
          update users set tokens_valid_from = ${from}
          where tenant_id = ${tenantId} and id = ${userId} returning id`
    ).execute(sql);
    if (rows.length === 0) return false;
    await recordAudit(sql, { action: 'tokens.ended', actor, tenantId, userId });
    return true;
  });
