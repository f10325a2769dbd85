/** The record of what operators, keys and the command line did, and of refused sign-ins. */
import { machineNow } from '../runtime/clock.ts';
import type { Sql } from '../runtime/database/database.ts';
import { sql as statement } from 'kysely';
import type { PersonRef } from '../values/refs.ts';
import { randomUUIDv7 } from 'node:crypto';

type AuditAction =
  | 'tenant.created'
  | 'key.created'
  | 'key.revoked'
  | 'webhook.created'
  | 'webhook.rotated'
  | 'token.made'
  | 'tokens.ended'
  | 'address.changed'
  | 'address.confirmed'
  | 'limits.changed'
  | 'person.erased'
  | 'person.exported'
  | 'tenant.deleted'
  | 'board.changed'
  | 'sign-in.refused';

export type AuditEntry = {
  action: AuditAction;
  /** Who did it: `command line`, `key <id>`, `operator <name>`, or `nobody` for a refused sign-in. */
  actor: string;
  tenantId?: string | null;
  /** The person that it was done to. */
  userId?: string | null;
  /** The id of the thing that it was done to, such as that of a key. */
  subject?: string | null;
  /** The network address that it came from. */
  address?: string | null;
  /** Never has a secret, or an address of a person. */
  details?: Record<string, unknown> | null;
};

export const commandLine = 'command line';
export const keyActor = (keyId: string): string => `key ${keyId}`;

/** Puts `subject`, the hash of their id, in the place of an erased person. Rides on `audit_events_person`. */
export async function unnamePerson(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  subject: string,
): Promise<void> {
  await statement`
    update audit_events set user_id = null, subject = ${subject}
    where tenant = ${tenantId} and user_id = ${userId}`.execute(sql);
}

/** The time is the machine's, as that of sign-ins and tokens. Within the caller's transaction. */
export async function recordAudit(sql: Sql, entry: AuditEntry): Promise<void> {
  const { action, actor, tenantId = null, userId = null, subject = null, address = null, details } = entry;
  await statement`
    insert into audit_events (id, at, action, actor, tenant, user_id, subject, address, details)
    values (${randomUUIDv7()}, ${machineNow().toString()}::timestamptz, ${action}, ${actor},
      ${tenantId}::uuid, ${userId}, ${subject}, ${address}, ${details ? JSON.stringify(details) : null}::jsonb)
    `.execute(sql);
}

export type AuditRecord = {
  id: string;
  at: string;
  action: string;
  actor: string;
  tenantId: string | null;
  userId: string | null;
  subject: string | null;
  address: string | null;
  details: Record<string, unknown> | null;
};

/** `since` is the machine's time. */
export type AuditFilter = { tenantId: string | null; since: Temporal.Instant | null; limit: number };

/** Newest first. Ids are in the order of time, so it rides on the primary key. */
export async function listAudit(sql: Sql, filter: AuditFilter): Promise<AuditRecord[]> {
  const { tenantId, since, limit } = filter;
  const { rows } = await statement<AuditRecord>`
    select id, at, action, actor, tenant as "tenantId", user_id as "userId", subject, address, details
    from audit_events
    where (${tenantId}::uuid is null or tenant = ${tenantId}::uuid)
      and (${since?.toString() ?? null}::timestamptz is null or at >= ${since?.toString() ?? null}::timestamptz)
    order by id desc
    limit ${limit}`.execute(sql);
  return rows.map((row) => ({ ...row, at: Temporal.Instant.from(row.at).toString() }));
}

/** Deletes the records of a tenant. Scans the table, as tenants are deleted seldom. */
export async function deleteAuditOf(sql: Sql, tenantId: string): Promise<void> {
  await sql.deleteFrom('audit_events').where('tenant', '=', tenantId).execute();
}

/** Deletes records of before `before`, and returns how many. */
export async function deleteOldAudit(sql: Sql, before: Temporal.Instant): Promise<number> {
  const result = await sql.deleteFrom('audit_events').where('at', '<', before.toString()).executeTakeFirst();
  return Number(result.numDeletedRows);
}
