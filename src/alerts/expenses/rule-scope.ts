/** Says which expenses of a person a rule of theirs counts, in SQL over expenses or daily sums. */
import { type RawBuilder, sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { isOnce, type Period } from '../../values/period.ts';
import type { PersonRef } from '../../values/refs.ts';
import { isExcludedMerchant } from '../decide/scope.ts';
import type { Rule } from '../decide/rule.ts';
import { inPage } from '../rules/list-rules.ts';
import { selectRules, type StoredRule, unmeasuredOf } from '../rules/read-progress.ts';
import { coversCategory } from '../spending/covers-category.ts';

/** Local days, `to` exclusive. Null: without an end on that side. */
export type Days = { from: string | null; to: string | null };

type Merchant = { merchant: string | null; merchantId: string | null };

/** `leftOut`: the merchants among the person's expenses whose names or ids the rule excludes. */
export type RuleScope = { ruleId: string; days: Days; leftOut: readonly Merchant[] };

/**
 * Without days these are the rule's current period, or else its next or only one. Null if the person has no such rule.
 * Rides on `smart_alert_rules_user`.
 */
export async function readRuleScope(
  sql: Sql,
  person: PersonRef,
  ruleId: string,
  asked: Days,
  now: Temporal.Instant,
): Promise<RuleScope | null> {
  const { rows } = await statement<StoredRule>`
    ${selectRules} ${inPage(person, { ruleId, limit: 1, after: null })}`.execute(sql);
  const [row] = rows;
  if (!row) return null;
  const { rule, period } = unmeasuredOf(row, now);
  const days = countedDays(rule, period, asked);
  const scope = { ruleId, days, leftOut: [] };
  if (rule.excludeMerchants.length === 0) return scope;
  const merchants = await listMerchants(sql, person, scope);
  return { ...scope, leftOut: merchants.filter((each) => isExcludedMerchant(rule.excludeMerchants, each)) };
}

/** No day before the start of the rule's own period counts, and none after its end if it is the only one. */
function countedDays({ period }: Rule, current: Period, { from, to }: Days): Days {
  if (from === null && to === null) return { from: current.start, to: current.end };
  if (typeof period === 'string') return { from, to };
  const start = from === null || from < period.start ? period.start : from;
  if (!isOnce(period)) return { from: start, to };
  return { from: start, to: to === null || to > period.end ? period.end : to };
}

/** Rides on `expenses_user_day`. */
async function listMerchants(sql: Sql, { tenantId, userId }: PersonRef, scope: RuleScope) {
  const { rows } = await statement<Merchant>`
    select distinct e.merchant, e.merchant_id as "merchantId"
    from expenses e ${joinRule(scope, statement.ref('e'))}
    where e.tenant_id = ${tenantId} and e.user_id = ${userId} and ${inDays(scope.days, statement.ref('e.day'))}
    `.execute(sql);
  return rows;
}

/** A condition that is false for a transfer, which has no day. */
export const inDays = ({ from, to }: Days, day: RawBuilder<unknown>) => statement`(
  ${day} >= ${from ?? '-infinity'}::date and ${day} < ${to ?? 'infinity'}::date
)`;

/**
 * Joins the rule to rows of its person and its categories. `rows`: the alias of expenses or daily sums. Rides on
 * `smart_alert_rules_user`.
 */
export const joinRule = ({ ruleId }: RuleScope, rows: RawBuilder<unknown>) => statement`
  join smart_alert_rules r on r.tenant_id = ${rows}.tenant_id and r.id = ${ruleId} and r.user_id = ${rows}.user_id
    and ${coversCategory(statement.ref('r'), statement`${rows}.category_id`)}`;

/** A condition over expenses `e`: the rule does not exclude their merchant. */
export const notLeftOut = ({ leftOut }: Pick<RuleScope, 'leftOut'>) =>
  leftOut.length === 0
    ? statement`true`
    : statement`not exists (
      select
      from unnest(
        ${leftOut.map(({ merchant }) => merchant)}::text[],
        ${leftOut.map(({ merchantId }) => merchantId)}::text[]
      ) as excluded (merchant, merchant_id)
      where excluded.merchant is not distinct from e.merchant
        and excluded.merchant_id is not distinct from e.merchant_id
    )`;
