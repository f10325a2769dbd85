/**
 * Locks a tenant's exchange rates, so that they and the sums converted by them agree. An evaluation of rules takes the
 * lock shared. A change of rates takes it exclusively: it finds every expense that was converted by the old rates, and
 * none is converted by them afterwards.
 *
 * The lock is taken before any expense or person is locked. A change of rates locks people next, and a transaction that
 * held people and waited for the rates would deadlock with it. Several tenants are locked in order.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

const keyOf = (tenantId: ReturnType<typeof statement>) =>
  statement`hashtextextended('fx_rates ' || ${tenantId}, 0)`;

/** A query of one row. Reading it takes the shared lock until the transaction ends. */
export const selectLockedRates = (tenantIds: readonly string[]) => statement`
  select count(pg_advisory_xact_lock_shared(${keyOf(statement`tenant_id`)})) >= 0 as are_held
  from unnest(${tenantIds.toSorted()}::text[]) as named (tenant_id)`;

/** A condition: true once it has taken the shared lock. False at once if the rates are being changed. */
export const tryLockRates = (tenantId: ReturnType<typeof statement>) =>
  statement`pg_try_advisory_xact_lock_shared(${keyOf(tenantId)})`;

/** Takes the shared lock until the transaction ends. */
export async function lockRatesShared(sql: Sql, tenantIds: readonly string[]): Promise<void> {
  await selectLockedRates(tenantIds).execute(sql);
}

/** Takes the exclusive lock until the transaction ends. Waits for every transaction that holds the shared lock. */
export async function lockRates(sql: Sql, tenantId: string): Promise<void> {
  await statement`select pg_advisory_xact_lock(${keyOf(statement`${tenantId}::text`)})`.execute(sql);
}
