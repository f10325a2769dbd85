/** The route for a person's first page. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { allOf } from '../../runtime/database/all-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { listComparisons } from '../../insight/benchmarks/list-comparisons.ts';
import { listNotifications } from '../../notify/sql/list-notifications.ts';
import { listOpenAlerts } from '../../alerts/rules/list-open-alerts.ts';
import { listRecommendations } from '../../insight/recommendations/list-recommendations.ts';
import { readForecasts } from '../../alerts/spending/read-forecasts.ts';
import { listRules } from '../../alerts/rules/list-rules.ts';
import { readCategoryNames } from '../../accounts/categories.ts';
import { readDailySummary } from '../../insight/summaries/read-daily-summary.ts';
import { readRecommendationVersion } from '../../insight/recommendations/read-recommendation-version.ts';
import { toRecommendation } from '../../insight/recommendations/read-recommendation.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { problems } from '../errors/problem.ts';
import { comparisonView } from '../schemas/benchmark.ts';
import { summaryView } from '../schemas/daily-summary.ts';
import { alertViews, dashboardSchema, progressView } from '../schemas/dashboard.ts';
import { notificationView } from '../schemas/notification.ts';
import { recommendationView } from '../schemas/recommendation.ts';
import type { PersonRef } from '../../values/refs.ts';

/** The same limit as the longest page of the rules list. */
const shownRules = 200;
const shownRecent = 10;
const recentHours = 30 * 24;

export function dashboardRoutes({ db, clock }: HttpDependencies): FastifyPluginAsync {
  return async (app) => {
    app.get('/dashboard', {
      schema: getDashboard,
      handler: async ({ person }) => ({
        data: await db.transaction([person.tenantId], (sql) => read(sql, person, clock.now())),
      }),
    });
  };
}

/** All parts are of one moment, but for what others commit between their statements. */
async function read(
  sql: Sql,
  person: PersonRef,
  now: Temporal.Instant,
): Promise<Static<typeof dashboardSchema>> {
  const [budgets, { locale }, pending, recentNotifications, dailySummary, comparisons] = await allOf([
    readBudgets(sql, person, now),
    readRecommendationVersion(sql, person, now),
    listRecommendations(sql, person, { status: 'suggested', limit: shownRecent, after: null }, now),
    readRecent(sql, person, now),
    readToday(sql, person, now),
    readComparisons(sql, person, now),
  ]);
  return {
    ...budgets,
    pendingRecommendations: pending.map((row) => recommendationView(toRecommendation(row, now), locale)),
    recentNotifications,
    dailySummary,
    peerComparison: comparisons.map(({ benchmarkKey, name, comparison }) => ({
      benchmarkKey,
      ...comparisonView(name, comparison, locale),
    })),
  };
}

async function readBudgets(sql: Sql, person: PersonRef, now: Temporal.Instant) {
  const active = await listRules(sql, person, { isActive: true, limit: shownRules, after: null }, now);
  const [forecasts, open] = await allOf([readForecasts(sql, active), listOpenAlerts(sql, active)]);
  const rules = active.map((progress, index) => progressView(progress, forecasts[index] ?? null, now));
  return { rules, activeAlerts: alertViews(rules, open) };
}

async function readRecent(sql: Sql, person: PersonRef, now: Temporal.Instant) {
  const page = { since: now.subtract({ hours: recentHours }), limit: shownRecent, after: null };
  return (await listNotifications(sql, person, page)).map(notificationView);
}

async function readToday(sql: Sql, person: PersonRef, now: Temporal.Instant) {
  const today = await readDailySummary(sql, person, null, now);
  if (!today) throw new Error('today has not begun');
  return summaryView(today.date, today.figures);
}

async function readComparisons(sql: Sql, person: PersonRef, now: Temporal.Instant) {
  const [comparisons, namesOf] = await allOf([
    listComparisons(sql, person, now),
    readCategoryNames(sql, [person.tenantId]),
  ]);
  const names = namesOf(person.tenantId);
  return comparisons.map((each) => ({ ...each, name: names.get(each.benchmarkKey) ?? each.benchmarkKey }));
}

const getDashboard = {
  tags: ['Dashboard'],
  security: [{ userToken: [] }],
  operationId: 'getDashboard',
  summary: 'Read the dashboard',
  description:
    'The whole first page in one answer: active rules with their spending, levels reached, recommendations, notifications, today so far, and comparisons of last month.',
  response: {
    200: Type.Object({ data: dashboardSchema }, { description: 'The dashboard.' }),
    ...problems(401, 429),
  },
};
