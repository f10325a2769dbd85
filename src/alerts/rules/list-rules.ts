/** Lists a page of a person's rules, newest first, including rules that are switched off. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { readProgress, type RuleProgress, selectRules, type StoredRule } from './read-progress.ts';
import type { PersonRef } from '../../values/refs.ts';

/** `after`: the cursor, which is the last item of the previous page. */
export type RulePage = {
  categoryId?: string | undefined;
  /** Only this rule. */
  ruleId?: string;
  /** Only rules that are switched on. */
  isActive?: true;
  limit: number;
  after: { createdAt: Temporal.Instant; id: string } | null;
};

/** Rides on `smart_alert_rules_user`. */
export async function listRules(
  sql: Sql,
  person: PersonRef,
  page: RulePage,
  now: Temporal.Instant,
): Promise<RuleProgress[]> {
  const { rows } = await statement<StoredRule>`
    ${selectRules} ${inPage(person, page)}`.execute(sql);
  return readProgress(sql, rows, now);
}

/** The `where`, `order by` and `limit` of a page of rules `r`. */
export function inPage(
  { tenantId, userId }: PersonRef,
  { categoryId, ruleId, isActive, limit, after }: RulePage,
) {
  const inCategory =
    categoryId === undefined
      ? statement``
      : statement`and (r.category_id = ${categoryId} or ${categoryId} = any(r.category_ids))`;
  const isThatRule = ruleId === undefined ? statement`` : statement`and r.id = ${ruleId}`;
  const isOn = isActive ? statement`and r.is_active` : statement``;
  return statement`
    where r.tenant_id = ${tenantId} and r.user_id = ${userId} ${inCategory} ${isThatRule} ${isOn}
      ${olderThan(after)}
    order by r.created_at desc, r.id
    limit ${limit}`;
}

function olderThan(after: RulePage['after']) {
  if (!after) return statement``;
  const createdAt = after.createdAt.toString();
  return statement`and r.created_at <= ${createdAt} and (r.created_at < ${createdAt} or r.id > ${after.id})`;
}
