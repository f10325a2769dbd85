/** How rules stand whose definitions are known already: what was spent, and whether they are still defined so. */
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

type Row = Spent & { id: string; version: string; timezone: string };

/**
 * Null where the page holds a rule that is not known, or no longer as it was. One statement, so that the
 * definitions it finds right are the ones it has measured by; rates of exchange, where needed, are read after
 * it. Rides on `smart_alert_rules_user` and what `spentOf` rides on.
 */
export async function readKnownRules(
  sql: Sql,
  person: PersonRef,
  page: RulePage,
  known: readonly StoredRule[],
  now: Temporal.Instant,
): Promise<RuleProgress[] | null> {
  const unmeasured = known.map((row) => unmeasuredOf(row, now));
  const defined = new Map(known.map((row, place) => [proofOf(row), unmeasured[place]]));
  const { rows } = await statement<Row>`
    select r.id, r.version, coalesce(u.timezone, t.timezone) as timezone, ${spentColumns}
    from (
      select r.tenant_id, r.id, r.user_id, r.category_id, r.currency, r.is_active, r.created_at,
        r.xmin::text as version
      from smart_alert_rules r ${inPage(person, page)}
    ) r
    join tenants t on t.id = r.tenant_id
    left join users u on u.tenant_id = r.tenant_id and u.id = r.user_id
    left join ${periodsOf(unmeasured)} on asked.id = r.id
    ${spentOf}
    order by r.created_at desc, r.id`.execute(sql);
  const standings = (await withSpent(sql, rows)).flatMap((row) => {
    const standing = defined.get(proofOf(row));
    return standing ? [{ ...standing, spentMinor: row.spentMinor }] : [];
  });
  return standings.length === rows.length ? standings : null;
}

/** The zone is the person's or the tenant's, not the row's. */
const proofOf = ({ id, version, timezone }: Pick<Row, 'id' | 'version' | 'timezone'>): string =>
  `${id} ${version} ${timezone}`;
