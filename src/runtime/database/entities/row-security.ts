/**
 * Row-level security: a transaction sees and writes the rows of the tenants it names, in a setting of its own,
 * and none where it names none. It holds for the tables' owner too. The exception is the role of the few
 * functions that have to look before they know whose row it is.
 */

/** The setting, an array of tenant ids, and who may look up without it. */
export const tenantsSetting = 'spendwatch.tenants';
const lookupRole = 'spendwatch_lookup';

/** As PostgreSQL writes it back, so that the two can be compared; migration 6 says why it is as it is. */
const named = `( SELECT (NULLIF(current_setting('${tenantsSetting}'::text, true), ''::text))::uuid[] AS "nullif")::uuid[]`;

/** `column` holds the tenant's id. */
export const visibleRows = (column: string) => ({
  rowLevelSecurity: 'force' as const,
  policies: [{ name: 'named_tenants', using: `((${column} = ANY (${named})) IS TRUE)` }],
});

/** As `visibleRows`, and to be looked up by the functions of migration 6. */
export function findableRows(column: string) {
  const { policies, ...rest } = visibleRows(column);
  const lookup = { name: 'lookup', command: 'select' as const, roles: [lookupRole], using: 'true' };
  return { ...rest, policies: [...policies, lookup] };
}
