/**
 * Column types shared by the entities. Instants, days and minor units pass between PostgreSQL and the code as text.
 * `Date` and `number` would lose the zone or digits. Each statement converts them once.
 */
import { p } from '@mikro-orm/core';
import { Tenant } from './tenant.ts';
import { visibleRows } from './row-security.ts';

/** The first column of every primary key; deleting a tenant deletes its rows. */
export const tenantId = () =>
  p.manyToOne(Tenant).mapToPk().primary().name('tenant_id').deleteRule('cascade').updateRule('no action');

/** For tables that every event writes: without a foreign key. A trigger on the tenant deletes their rows. */
export const tenantIdOfEvents = () =>
  p.manyToOne(Tenant).mapToPk().primary().name('tenant_id').createForeignKeyConstraint(false);

export const instant = () => p.string().columnType('timestamptz');
export const day = () => p.string().columnType('date');
/** One amount in minor units. It has at most 15 digits, so it fits 64 bits. */
export const amount = () => p.string().columnType('bigint');
/** A sum of amounts; no number of expenses overflows it. */
export const sum = () => p.string().columnType('numeric(38,0)');

/** A figure computed from amounts and not rounded. */
export const figure = () => p.string().columnType('numeric');

/** Spread this into every entity that has a `tenantId`. */
export const tenantRows = visibleRows('tenant_id');
