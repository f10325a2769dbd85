/** Replaces people's profiles. The caller holds the locks on these people. */
import { sql as statement } from 'kysely';
import { decimalOf, type Fraction, rounded } from '../decide/fraction.ts';
import type { MerchantSpending } from '../decide/merchant-spending.ts';
import type { CategoryProfile, MerchantAnalysis, Profile } from '../decide/profile.ts';
import type { AnalysedMerchant } from '../../runtime/database/entities/profile.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

/** Amounts are in `currency`. */
export type PersonProfile = { userId: string; currency: string; profile: Profile };
type Owned<Part> = Part & Pick<PersonProfile, 'userId' | 'currency'>;

/** Six decimals are enough that rounding to whole minor units gives the same result. */
const decimals = 6;

/** Rides on the primary keys. */
export async function writeProfiles(
  sql: Sql,
  tenantId: string,
  profiles: readonly PersonProfile[],
  now: Temporal.Instant,
): Promise<void> {
  await deleteProfiles(
    sql,
    tenantId,
    profiles.map(({ userId }) => userId),
  );
  await insertCategories(
    sql,
    tenantId,
    ownedOf(profiles, ({ categories }) => categories),
    now,
  );
  await insertAnalyses(
    sql,
    tenantId,
    ownedOf(profiles, ({ analyses }) => analyses),
    now,
  );
}

const ownedOf = <Part>(
  profiles: readonly PersonProfile[],
  partsOf: (profile: Profile) => readonly Part[],
): Owned<Part>[] =>
  profiles.flatMap(({ userId, currency, profile }) =>
    partsOf(profile).map((part) => ({ ...part, userId, currency })),
  );

async function deleteProfiles(sql: Sql, tenantId: string, userIds: readonly string[]): Promise<void> {
  await statement`
    with analyses as (
      delete from merchant_consolidation_analysis
      where tenant_id = ${tenantId} and user_id = any(${userIds}::text[])
    )
    delete from user_spending_profiles
    where tenant_id = ${tenantId} and user_id = any(${userIds}::text[])`.execute(sql);
}

async function insertCategories(
  sql: Sql,
  tenantId: string,
  categories: readonly Owned<CategoryProfile>[],
  now: Temporal.Instant,
): Promise<void> {
  if (categories.length === 0) return;
  const column = columnOf(categories);
  await statement`
    insert into user_spending_profiles (tenant_id, computed_at, user_id, currency, category_id, months,
      transaction_count, monthly_average, average_transaction, transactions_per_month, trend_pct, volatility)
    select ${tenantId}::uuid, ${now.toString()}::timestamptz, given.*
    from unnest(
      ${column(({ userId }) => userId)}::text[],
      ${column(({ currency }) => currency)}::text[],
      ${column(({ categoryId }) => categoryId)}::text[],
      ${column(({ months }) => months)}::int[],
      ${column(({ purchases }) => purchases)}::int[],
      ${column(({ monthlyAverage }) => figure(monthlyAverage))}::numeric[],
      ${column(({ averageTransaction }) => figure(averageTransaction))}::numeric[],
      ${column(({ purchasesPerMonth }) => figure(purchasesPerMonth))}::numeric[],
      ${column(({ trendPct }) => trendPct)}::numeric[],
      ${column(({ volatility }) => volatility)}::numeric[]
    ) as given`.execute(sql);
}

const figure = (fraction: Fraction | null): string | null => fraction && decimalOf(fraction, decimals);

async function insertAnalyses(
  sql: Sql,
  tenantId: string,
  analyses: readonly Owned<MerchantAnalysis>[],
  now: Temporal.Instant,
): Promise<void> {
  if (analyses.length === 0) return;
  const column = columnOf(analyses);
  await statement`
    insert into merchant_consolidation_analysis (tenant_id, computed_at, user_id, currency, category_id,
      first_day, last_day, merchants, target_key, concentration, rate, monthly_saving_minor)
    select ${tenantId}::uuid, ${now.toString()}::timestamptz, given.*
    from unnest(
      ${column(({ userId }) => userId)}::text[],
      ${column(({ currency }) => currency)}::text[],
      ${column(({ categoryId }) => categoryId)}::text[],
      ${column(({ window }) => window.firstDay)}::date[],
      ${column(({ window }) => window.lastDay)}::date[],
      ${column(({ merchants }) => JSON.stringify(merchants.map(analysed)))}::jsonb[],
      ${column(({ target }) => target?.key ?? null)}::text[],
      ${column(({ target }) => target?.concentration ?? null)}::numeric[],
      ${column(({ target }) => target?.rate ?? null)}::numeric[],
      ${column(({ target }) => (target ? rounded(target.monthlySaving).toString() : null))}::numeric[]
    ) as given`.execute(sql);
}

const analysed = ({ key, name, spentMinor, purchases }: MerchantSpending): AnalysedMerchant => ({
  key,
  name,
  spentMinor: spentMinor.toString(),
  count: purchases,
});
