/** Fills the caches of a new web process with the most requested answers, before people ask. */
import type { Database } from '../../runtime/database/database.ts';
import { listBenchmarkedCategories } from '../../insight/benchmarks/list-benchmarked-categories.ts';
import { listRuleOwners } from '../../alerts/rules/list-rule-owners.ts';
import { listTenants } from '../../accounts/tenants.ts';
import type { CachedBenchmarks } from './cached-benchmarks.ts';
import type { CachedRecommendations } from './cached-recommendations.ts';
import type { CachedRules } from './cached-rules.ts';

export type CachedAnswers = {
  rules: CachedRules;
  recommendations: CachedRecommendations;
  benchmarks: CachedBenchmarks;
};

const warmed = { tenants: 100, peopleOfTenant: 20, categoriesOfTenant: 50 } as const;

/** Works sequentially, so that requests take precedence. Stops when `closing` is aborted. */
export async function warmCaches(db: Database, cached: CachedAnswers, closing: AbortSignal): Promise<void> {
  const tenantIds = await listTenants(db.sql);
  for (const tenantId of tenantIds.slice(0, warmed.tenants)) {
    const [userIds, categoryIds] = await db.transaction([tenantId], async (sql) => [
      await listRuleOwners(sql, tenantId, warmed.peopleOfTenant),
      await listBenchmarkedCategories(sql, tenantId, warmed.categoriesOfTenant),
    ]);
    const steps = [
      ...userIds.map((userId) => () => cached.rules.warm({ tenantId, userId })),
      ...userIds.map((userId) => () => cached.recommendations.warm({ tenantId, userId })),
      ...categoryIds.map((categoryId) => () => cached.benchmarks.warm(tenantId, categoryId)),
    ];
    for (const step of steps) {
      if (closing.aborted) return;
      await step();
    }
  }
}
