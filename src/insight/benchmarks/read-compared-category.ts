/** Reads a category for a comparison of one person. */
import { sql as statement } from 'kysely';
import { defaultLocale } from '../../values/locale.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import { personTimeZone } from '../../accounts/people.ts';

/** `currency` is the tenant's. `firstDay` is the local day of the person's first expense under the key. */
export type ComparedCategory = {
  benchmarkKey: string;
  name: string;
  currency: string;
  timeZone: string;
  locale: string;
  firstDay: string | null;
};

type Row = Omit<ComparedCategory, 'locale'> & { locale: string | null };

/** Null if the category does not exist. Rides on the primary keys. */
export async function readComparedCategory(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  categoryId: string,
): Promise<ComparedCategory | null> {
  const { rows } = await statement<Row>`
    select coalesce(c.benchmark_key, c.id) as "benchmarkKey", coalesce(c.name, c.id) as name, t.currency,
      ${personTimeZone} as "timeZone", u.locale,
      (
        select d.day
        from daily_spend d
        join categories k on k.tenant_id = d.tenant_id and k.id = d.category_id
        where d.tenant_id = c.tenant_id and d.user_id = ${userId} and d.expense_count <> 0
          and coalesce(k.benchmark_key, k.id) = coalesce(c.benchmark_key, c.id)
        order by d.day
        limit 1
      ) as "firstDay"
    from categories c
    join tenants t on t.id = c.tenant_id
    left join users u on u.tenant_id = c.tenant_id and u.id = ${userId}
    where c.tenant_id = ${tenantId} and c.id = ${categoryId}`.execute(sql);
  const [row] = rows;
  return row ? { ...row, locale: row.locale ?? defaultLocale } : null;
}
