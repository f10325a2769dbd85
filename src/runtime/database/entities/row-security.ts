/**
 * Row-level security: a transaction sees and writes only the rows of the tenants that it names in a setting. If it
 * names none it sees no row. This holds for the tables' owner too. One role is exempt: it runs the few functions
 * that look a row up before its tenant is known.
 */

/** The setting, an array of tenant ids. */
export const tenantsSetting = 'spendwatch.tenants';
/** The exempt role. */
const lookupRole = 'spendwatch_lookup';

/** Written as PostgreSQL prints it, so that entities and tables can be compared. Migration 6 explains the expression. */
const named = `( SELECT (NULLIF(current_setting('${tenantsSetting}'::text, true), ''::text))::uuid[] AS "nullif")::uuid[]`;

/** `column` has the tenant's id. */
export const visibleRows = (column: string) => ({
  rowLevelSecurity: 'force' as const,
  policies: [{ name: 'named_tenants', using: `((${column} = ANY (${named})) IS TRUE)` }],
});

/** As `visibleRows`, and open to the look-up functions of migrations 6 and 19. */
export function findableRows(column: string) {
  const { policies, ...rest } = visibleRows(column);
  const lookup = { name: 'lookup', command: 'select' as const, roles: [lookupRole], using: 'true' };
  return { ...rest, policies: [...policies, lookup] };
}
