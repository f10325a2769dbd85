/**
 * Column kinds shared by the entities. Instants, days and minor units travel as text between PostgreSQL
 * and the code (never as `Date` or `number`, which lose zone or digits) and are read at the query's edge.
 */
import { p } from '@mikro-orm/core';
import { Tenant } from './tenant.ts';
import { visibleRows } from './row-security.ts';

/** The first part of every primary key; a tenant's rows go with it. */
export const tenantId = () =>
  p.manyToOne(Tenant).mapToPk().primary().name('tenant_id').deleteRule('cascade').updateRule('no action');

export const instant = () => p.string().columnType('timestamptz');
export const day = () => p.string().columnType('date');
/** One amount: at most 15 digits, so well inside 64 bits. */
export const amount = () => p.string().columnType('bigint');
/** A sum of amounts, which no number of expenses may overflow. */
export const sum = () => p.string().columnType('numeric(38,0)');

/** What is worked out of amounts and not rounded. */
export const figure = () => p.string().columnType('numeric');

/** To be spread into every entity that has a `tenantId`. */
export const tenantRows = visibleRows('tenant_id');
