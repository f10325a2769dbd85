import { defineEntity, p } from '@mikro-orm/core';
import { figure, instant, sum, tenantId, tenantRows } from './columns.ts';

/**
 * A recommendation to a person about a category. At most one of each type is open: suggested, or accepted and not
 * measured yet. `baselineMinor`: the monthly spending that was expected when it was accepted, not rounded. `worth`: the rank. `toldAt`: when
 * a digest told it.
 */
export const Recommendation = defineEntity({
  name: 'Recommendation',
  tableName: 'smart_recommendations',
  ...tenantRows,
  indexes: [
    {
      // write-recommendations: no second one of a type while one is open.
      name: 'smart_recommendations_open',
      expression:
        "create unique index smart_recommendations_open on smart_recommendations (tenant_id, user_id, category_id, type) where status = 'suggested' or (status = 'accepted' and measured_minor is null)",
    },
    {
      // list-recommendations, read-answers, tell-recommendation: a person's.
      name: 'smart_recommendations_user',
      expression:
        'create index smart_recommendations_user on smart_recommendations (tenant_id, user_id, created_at desc, id)',
    },
    {
      // expire-recommendations: suggestions, by the time they expire.
      name: 'smart_recommendations_expiring',
      expression:
        "create index smart_recommendations_expiring on smart_recommendations (tenant_id, expires_at) where status = 'suggested'",
    },
    {
      // measure-recommendations: accepted ones, by the end of their three months.
      name: 'smart_recommendations_measuring',
      expression:
        "create index smart_recommendations_measuring on smart_recommendations (tenant_id, measure_at) where status = 'accepted' and measured_minor is null",
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    userId: p.text().name('user_id'),
    type: p.text(),
    categoryId: p.text().name('category_id'),
    status: p.text(),
    currency: p.text(),
    monthlySavingMinor: sum().name('monthly_saving_minor'),
    savingsPct: figure().name('savings_pct'),
    confidence: figure(),
    difficulty: p.text(),
    evidence: p.json<unknown>(),
    createdAt: instant().name('created_at'),
    updatedAt: instant().name('updated_at'),
    expiresAt: instant().name('expires_at'),
    decidedAt: instant().name('decided_at').nullable(),
    dismissReason: p.text().name('dismiss_reason').nullable(),
    baselineMinor: figure().name('baseline_minor').nullable(),
    measuredMonths: p.json<unknown>().name('measured_months').nullable(),
    measureAt: instant().name('measure_at').nullable(),
    measuredMinor: sum().name('measured_minor').nullable(),
    worth: figure().default('0'),
    toldAt: instant().name('told_at').nullable(),
    measuredLowMinor: sum().name('measured_low_minor').nullable(),
    measuredHighMinor: sum().name('measured_high_minor').nullable(),
    expiryReason: p.text().name('expiry_reason').nullable(),
  },
});
