/** All that a person's first page shows, in one answer. */
import { type Static, Type } from 'typebox';
import type { OpenAlert } from '../../alerts/rules/list-open-alerts.ts';
import type { RuleProgress } from '../../alerts/rules/read-progress.ts';
import { comparisonSchema } from './benchmark.ts';
import { notificationSchema } from './notification.ts';
import { recommendationSchema } from './recommendation.ts';
import { amount, ruleSchema, ruleView } from './rule.ts';
import { summarySchema } from './daily-summary.ts';
import { identifier, instant, nullable } from './text.ts';
import { percentOfBudget } from '../../values/figures.ts';
import { severities } from '../../values/severity.ts';

const pct = Type.Integer({ description: 'of the budget that is spent, rounded down', examples: [103] });

const standingSchema = Type.Object({
  ...ruleSchema.properties,
  budget: amount('`budgetAmount`, beside what is spent of it'),
  pct,
});

const alertSchema = Type.Object({
  ruleId: Type.String({ format: 'uuid' }),
  name: Type.String({ description: 'the rule’s' }),
  categoryId: nullable(identifier()),
  level: Type.Integer({ description: 'the highest that is reached' }),
  severity: Type.Enum(severities),
  since: instant('when it was reached'),
  spent: amount('in the rule’s current period'),
  budget: amount('of the rule'),
  currency: Type.String({ description: 'the rule’s', examples: ['USD'] }),
  pct,
});

export const dashboardSchema = Type.Object({
  rules: Type.Array(standingSchema, { description: 'the active ones, newest first' }),
  activeAlerts: Type.Array(alertSchema, {
    description: 'of each rule that has reached a level, the highest; the gravest first',
  }),
  pendingRecommendations: Type.Array(recommendationSchema, { description: 'the newest that are open' }),
  recentNotifications: Type.Array(notificationSchema, { description: 'the newest of the last 30 days' }),
  dailySummary: summarySchema,
  peerComparison: Type.Array(
    Type.Object({
      benchmarkKey: Type.String({
        description: 'what is compared: a category, unless its `benchmarkKey` says else',
      }),
      ...comparisonSchema.properties,
    }),
    { description: 'last month, by each key something was spent under' },
  ),
});

type StandingView = Static<typeof standingSchema>;
type AlertView = Static<typeof alertSchema>;

export function progressView(standing: RuleProgress, now: Temporal.Instant): StandingView {
  const view = ruleView(standing, now);
  return {
    ...view,
    budget: view.budgetAmount,
    pct: Number(percentOfBudget(standing.spentMinor, standing.rule.budgetMinor)),
  };
}

/** `open`: as `listOpenAlerts` answers. */
export function alertViews(views: readonly StandingView[], open: readonly OpenAlert[]): AlertView[] {
  const highest = Map.groupBy(open, ({ ruleId }) => ruleId);
  return views
    .flatMap((view) => {
      const [top] = highest.get(view.id) ?? [];
      return top ? [alertView(view, top)] : [];
    })
    .sort(
      (one, other) =>
        severities.indexOf(other.severity) - severities.indexOf(one.severity) || other.pct - one.pct,
    );
}

function alertView(rule: StandingView, { level, since }: OpenAlert): AlertView {
  const { id, name, categoryId, spent, budget, currency, pct: share, thresholds } = rule;
  // A level that the rule no longer has is not open.
  const severity = thresholds.find(({ percent }) => percent === level)?.severity ?? 'info';
  return {
    ruleId: id,
    name,
    categoryId,
    level,
    severity,
    since: since.toString(),
    spent,
    budget,
    currency,
    pct: share,
  };
}
