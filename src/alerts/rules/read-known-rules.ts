/** Reads the budget progress of rules whose definitions are cached, and checks that the definitions are current. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { inPage, type RulePage } from './list-rules.ts';
import {
  periodsOf,
  type RuleProgress,
  type Spent,
  spentColumns,
  spentOf,
  type StoredRule,
  unmeasuredOf,
  withSpent,
} from './read-progress.ts';
import type { PersonRef } from '../../values/refs.ts';
import { personTimeZone } from '../../accounts/people.ts';

type Row = Spent & { id: string; version: string; timezone: string };

/**
 * Returns null if the page holds a rule that is not in `recalled` or has changed since. One statement checks the
 * definitions and measures by them, so both belong to one snapshot. Exchange rates are read after it if they are
 * needed. Rides on `smart_alert_rules_user` and on the indexes of `spentOf`.
 */
export async function readKnownRules(
  sql: Sql,
  person: PersonRef,
  page: RulePage,
  recalled: readonly StoredRule[],
  now: Temporal.Instant,
): Promise<RuleProgress[] | null> {
  const known = recalled.filter(isWhole);
  const unmeasured = known.map((row) => unmeasuredOf(row, now));
  const defined = new Map(known.map((row, index) => [definitionKey(row), unmeasured[index]]));
  const { rows } = await statement<Row>`
    select r.id, r.version, ${personTimeZone} as timezone, ${spentColumns}
    from (
      select r.tenant_id, r.id, r.user_id, r.category_id, r.category_ids, r.exclude_categories, r.exclude_merchants, r.budget_minor, r.rollover, r.carries_from, r.currency, r.is_active, r.created_at,
        r.xmin::text as version
      from smart_alert_rules r ${inPage(person, page)}
    ) r
    join tenants t on t.id = r.tenant_id
    left join users u on u.tenant_id = r.tenant_id and u.id = r.user_id
    left join ${periodsOf(unmeasured)} on asked.id = r.id
    ${spentOf}
    order by r.created_at desc, r.id`.execute(sql);
  const progress = (await withSpent(sql, rows)).flatMap((row) => {
    const rule = defined.get(definitionKey(row));
    return rule
      ? [{ ...rule, spentMinor: row.spentMinor, unrated: row.unrated, carriedMinor: row.carriedMinor }]
      : [];
  });
  return progress.length === rows.length ? progress : null;
}

/** False for a row that a process of the version before has cached: it read fewer columns of the same row. */
const isWhole = ({ rollover, category_ids: group }: Partial<StoredRule>): boolean =>
  rollover !== undefined && group !== undefined;

/** Identifies a definition. The time zone is part of it, as it comes from another row: the person's or the tenant's. */
const definitionKey = ({ id, version, timezone }: Pick<Row, 'id' | 'version' | 'timezone'>): string =>
  `${id} ${version} ${timezone}`;
