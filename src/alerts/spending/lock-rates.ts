/**
 * Keeps a tenant's rates of exchange and the sums they are in from parting. Whoever settles rules holds the
 * rates of their tenants as they are, beside others who do; who changes rates has them alone, and so finds
 * every expense that was counted by the old ones, and nobody counts by them afterwards.
 *
 * Either is taken before any expense or person is locked: the one who changes rates goes on to lock people,
 * and must not meet somebody there who waits for the rates. Over several tenants they are taken in order.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

const keyOf = (tenantId: ReturnType<typeof statement>) =>
  statement`hashtextextended('fx_rates ' || ${tenantId}, 0)`;

/** A query of one row that has the rates held, until the transaction ends, once it is read. */
export const selectLockedRates = (tenantIds: readonly string[]) => statement`
  select count(pg_advisory_xact_lock_shared(${keyOf(statement`tenant_id`)})) >= 0 as are_held
  from unnest(${tenantIds.toSorted()}::text[]) as named (tenant_id)`;

/** Until the transaction ends. */
export async function lockRatesShared(sql: Sql, tenantIds: readonly string[]): Promise<void> {
  await selectLockedRates(tenantIds).execute(sql);
}

/** Waits for every transaction that holds them; others wait until this one ends. */
export async function lockRates(sql: Sql, tenantId: string): Promise<void> {
  await statement`select pg_advisory_xact_lock(${keyOf(statement`${tenantId}::text`)})`.execute(sql);
}
