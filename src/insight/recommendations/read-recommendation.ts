/** Reads stored recommendations. */
import { sql as statement } from 'kysely';
import { type Known, type RecommendationStatus, statusAt } from '../decide/lifecycle.ts';
import type { SavedRange } from '../decide/measurement.ts';
import type { Evidence, MonthEvidence } from '../decide/suggestion.ts';
import type { Difficulty } from '../decide/confidence.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';

/**
 * `baselineMinor` is the spending that was expected at acceptance, as a decimal string. `categoryName` is
 * null if the category has no name. `baselineMinor`, `measuredMinor` and `measuredRange` are of a month. `expiryReason`:
 * `redefined` if it was made by a definition that is no longer used.
 */
export type StoredRecommendation = Omit<Known, 'isWithdrawn'> & {
  categoryName: string | null;
  decidedAt: Temporal.Instant | null;
  dismissReason: string | null;
  baselineMinor: string | null;
  measuredMonths: MonthEvidence[] | null;
  measuredMinor: bigint | null;
  measuredRange: SavedRange | null;
  expiryReason: 'redefined' | null;
};

export type RecommendationRow = {
  id: string;
  category_id: string;
  category_name: string | null;
  status: RecommendationStatus;
  currency: string;
  monthly_saving_minor: string;
  savings_pct: string;
  confidence: string;
  difficulty: Difficulty;
  evidence: Evidence;
  worth: string;
  created_at: string;
  expires_at: string;
  decided_at: string | null;
  dismiss_reason: string | null;
  baseline_minor: string | null;
  measured_months: MonthEvidence[] | null;
  measured_minor: string | null;
  measured_low_minor: string | null;
  measured_high_minor: string | null;
  expiry_reason: 'redefined' | null;
};

/** The columns of `RecommendationRow`. `r` is the recommendation and `c` its category. */
export const recommendationColumns = statement`
  r.id, r.category_id, c.name as category_name, r.status, r.currency, r.monthly_saving_minor, r.savings_pct,
  r.confidence, r.difficulty, r.evidence, r.worth, r.created_at, r.expires_at, r.decided_at, r.dismiss_reason,
  r.baseline_minor, r.measured_months, r.measured_minor, r.measured_low_minor, r.measured_high_minor, r.expiry_reason`;

/** A `where` over `r` must follow. Rides on the primary key of `categories`. */
export const recommendationTables = statement`
  from smart_recommendations r
  left join categories c on c.tenant_id = r.tenant_id and c.id = r.category_id`;

/** A suggestion past its time reads as expired, even if the row does not say so yet. */
export const toRecommendation = (row: RecommendationRow, now: Temporal.Instant): StoredRecommendation => {
  const expiresAt = Temporal.Instant.from(row.expires_at);
  return {
    id: row.id,
    categoryId: row.category_id,
    categoryName: row.category_name,
    status: statusAt({ status: row.status, expiresAt }, now),
    currency: row.currency,
    savingMinor: BigInt(row.monthly_saving_minor),
    savingsPct: Number(row.savings_pct),
    confidence: Number(row.confidence),
    difficulty: row.difficulty,
    evidence: row.evidence,
    worth: Number(row.worth),
    createdAt: Temporal.Instant.from(row.created_at),
    expiresAt,
    decidedAt: row.decided_at === null ? null : Temporal.Instant.from(row.decided_at),
    dismissReason: row.dismiss_reason,
    baselineMinor: row.baseline_minor,
    measuredMonths: row.measured_months,
    measuredMinor: row.measured_minor === null ? null : BigInt(row.measured_minor),
    measuredRange: rangeFrom(row),
    expiryReason: row.expiry_reason,
    isMeasured: row.measured_minor !== null,
  };
};

const rangeFrom = ({
  measured_low_minor: low,
  measured_high_minor: high,
}: RecommendationRow): SavedRange | null =>
  low === null || high === null ? null : { lowMinor: BigInt(low), highMinor: BigInt(high) };

/** Undefined if the person has no such recommendation. Rides on the primary key. */
export async function readRecommendation(
  sql: Sql,
  person: PersonRef,
  recommendationId: string,
  now: Temporal.Instant,
): Promise<StoredRecommendation | undefined> {
  const { rows } = await statement<RecommendationRow>`
    select ${recommendationColumns} ${recommendationTables}
    where r.tenant_id = ${person.tenantId} and r.id = ${recommendationId} and r.user_id = ${person.userId}
    `.execute(sql);
  const [row] = rows;
  return row && toRecommendation(row, now);
}
