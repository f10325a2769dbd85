/** Makes the statements that show a table's rows only to transactions that name their tenants. */

/**
 * The setting is read once per statement. `is true` keeps the planner from using this condition for an index look-up:
 * every query names its tenants itself, with more columns of the index.
 */
const named = (column: string): string => `((${column} = any ((
  select nullif(current_setting('spendwatch.tenants', true), '')::uuid[]
)::uuid[])) is true)`;

/** `column` has the tenant's id. */
export const secure = (table: string, column = 'tenant_id'): string[] => [
  `alter table ${table} enable row level security`,
  `alter table ${table} force row level security`,
  `create policy named_tenants on ${table} using ${named(column)}`,
];
