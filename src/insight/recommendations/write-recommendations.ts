/** Writes the changes that `reconcile` decided. The caller holds the locks on the people. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import { expiryOf, type Reconciliation } from '../decide/lifecycle.ts';
import type { Ranked } from '../decide/choice.ts';
import type { Sql } from '../../runtime/database/database.ts';

/** The changes of one person. */
type PersonPlan = { userId: string; plan: Reconciliation };
type Made = { userId: string; suggestion: Ranked };

export async function writeRecommendations(
  sql: Sql,
  tenantId: string,
  plans: readonly PersonPlan[],
  now: Temporal.Instant,
): Promise<void> {
  const withdrawn = plans.flatMap(({ plan }) => plan.withdraw);
  const refreshed = plans.flatMap(({ plan }) => plan.refresh);
  const made = plans.flatMap(({ userId, plan }) => plan.insert.map((suggestion) => ({ userId, suggestion })));
  // Withdrawing comes first, because a new row of the same kind may replace a withdrawn one.
  await withdrawRecommendations(sql, tenantId, withdrawn, now);
  await refreshRecommendations(sql, tenantId, refreshed, now);
  await insertRecommendations(sql, tenantId, made, now);
}

/** Rides on the primary key. */
async function withdrawRecommendations(
  sql: Sql,
  tenantId: string,
  ids: readonly string[],
  now: Temporal.Instant,
): Promise<void> {
  if (ids.length === 0) return;
  await statement`
    update smart_recommendations set status = 'expired', updated_at = ${now.toString()}
    where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(sql);
}

/** Updates open rows and opens withdrawn ones again. Rides on the primary key. */
async function refreshRecommendations(
  sql: Sql,
  tenantId: string,
  refreshed: Reconciliation['refresh'],
  now: Temporal.Instant,
): Promise<void> {
  if (refreshed.length === 0) return;
  const suggestions = refreshed.map(({ suggestion }) => suggestion);
  await statement`
    update smart_recommendations r
    set status = 'suggested', currency = given.currency, monthly_saving_minor = given.monthly_saving_minor,
      savings_pct = given.savings_pct, confidence = given.confidence, difficulty = given.difficulty,
      evidence = given.evidence, worth = given.worth, updated_at = ${now.toString()}, expires_at = given.expires_at
    from unnest(
      ${refreshed.map(({ id }) => id)}::uuid[],
      ${refreshed.map(({ expiresAt }) => expiresAt.toString())}::timestamptz[],
      ${figuresOf(suggestions)}
    ) as given (id, expires_at, ${figureNames})
    where r.tenant_id = ${tenantId} and r.id = given.id`.execute(sql);
}

/** Rides on `smart_recommendations_open`. */
async function insertRecommendations(
  sql: Sql,
  tenantId: string,
  made: readonly Made[],
  now: Temporal.Instant,
): Promise<void> {
  if (made.length === 0) return;
  const suggestions = made.map(({ suggestion }) => suggestion);
  await statement`
    insert into smart_recommendations (tenant_id, id, user_id, status, type, category_id, ${figureNames},
      created_at, updated_at, expires_at)
    select ${tenantId}::uuid, id, user_id, 'suggested', type, category_id, ${figureNames},
      ${now.toString()}::timestamptz, ${now.toString()}::timestamptz, ${expiryOf(now).toString()}::timestamptz
    from unnest(
      ${made.map(() => randomUUIDv7())}::uuid[],
      ${made.map(({ userId }) => userId)}::text[],
      ${suggestions.map(({ evidence }) => evidence.type)}::text[],
      ${suggestions.map(({ categoryId }) => categoryId)}::text[],
      ${figuresOf(suggestions)}
    ) as made (id, user_id, type, category_id, ${figureNames})`.execute(sql);
}

const figureNames = statement.raw(
  'currency, monthly_saving_minor, savings_pct, confidence, difficulty, evidence, worth',
);

/** One array for each of `figureNames`. */
const figuresOf = (suggestions: readonly Ranked[]) => statement`
  ${suggestions.map(({ currency }) => currency)}::text[],
  ${suggestions.map(({ savingMinor }) => savingMinor.toString())}::numeric[],
  ${suggestions.map(({ savingsPct }) => savingsPct)}::numeric[],
  ${suggestions.map(({ confidence }) => confidence)}::numeric[],
  ${suggestions.map(({ difficulty }) => difficulty)}::text[],
  ${suggestions.map(({ evidence }) => JSON.stringify(evidence))}::jsonb[],
  ${suggestions.map(({ worth }) => worth)}::numeric[]`;
