/** The content of a person's first page, in one answer. */
import { type Static, Type } from 'typebox';
import type { OpenAlert } from '../../alerts/rules/list-open-alerts.ts';
import type { RuleProgress } from '../../alerts/rules/read-progress.ts';
import { comparisonSchema } from './benchmark.ts';
import { notificationSchema } from './notification.ts';
import { recommendationSchema } from './recommendation.ts';
import { amount, percentIn, ruleSchema, ruleView } from './rule.ts';
import { summarySchema } from './daily-summary.ts';
import { identifier, instant, nullable } from './text.ts';
import type { Forecast } from '../../values/forecast.ts';
import { outlookSchema, outlookView } from './forecast.ts';
import { bases, severities } from '../../values/severity.ts';

const pct = nullable(
  Type.Integer({
    description:
      'the spent percentage of the budget, rounded down; null if nothing is left of it to begin with',
    examples: [103],
  }),
);

export const progressSchema = Type.Object({
  ...ruleSchema.properties,
  pct,
  forecast: nullable(outlookSchema),
});

export const alertSchema = Type.Object({
  ruleId: Type.String({ format: 'uuid' }),
  name: Type.String({ description: 'the rule’s' }),
  categoryId: nullable(identifier()),
  level: Type.Integer({ description: 'the highest level that is reached, or will probably be' }),
  basis: Type.Enum(bases, {
    description: '`forecast`: only the forecast of the period’s end reaches a level of the rule',
  }),
  severity: Type.Enum(severities),
  since: instant('when it was reached'),
  spent: amount('in the rule’s current period'),
  budget: amount('of the period'),
  currency: Type.String({ description: 'the rule’s', examples: ['USD'] }),
  pct,
});

export const dashboardSchema = Type.Object({
  rules: Type.Array(progressSchema, { description: 'the active ones, newest first' }),
  activeAlerts: Type.Array(alertSchema, {
    description:
      'the highest level of each rule that has reached one, or else will probably reach one, the most severe first',
  }),
  pendingRecommendations: Type.Array(recommendationSchema, { description: 'the open ones, by rank' }),
  recentNotifications: Type.Array(notificationSchema, { description: 'the newest of the last 30 days' }),
  dailySummary: summarySchema,
  peerComparison: Type.Array(
    Type.Object({
      benchmarkKey: Type.String({
        description: 'the benchmark key: a category’s id, unless its `benchmarkKey` is set',
      }),
      ...comparisonSchema.properties,
    }),
    { description: 'last month, for each benchmark key with spending' },
  ),
});

type ProgressView = Static<typeof progressSchema>;
type AlertView = Static<typeof alertSchema>;

/** `forecast`: as last made of the rule's period, or null. */
export function progressView(
  progress: RuleProgress,
  forecast: Forecast | null,
  now: Temporal.Instant,
): ProgressView {
  const { rule, carriedMinor, spentMinor } = progress;
  const budget = { spentMinor, budgetMinor: rule.budgetMinor + carriedMinor, currency: rule.currency };
  return {
    ...ruleView(progress, now),
    pct: percentIn(progress),
    forecast: forecast && outlookView(forecast, budget),
  };
}

/** The fullest first. A budget of nothing is fuller than any. */
const byShare = (one: AlertView, other: AlertView): number =>
  (other.pct ?? Number.MAX_VALUE) - (one.pct ?? Number.MAX_VALUE);

/** `open` is the result of `listOpenAlerts`. */
export function alertViews(views: readonly ProgressView[], open: readonly OpenAlert[]): AlertView[] {
  const highest = Map.groupBy(open, ({ ruleId }) => ruleId);
  return views
    .flatMap((view) => {
      const [top] = highest.get(view.id) ?? [];
      return top ? [alertView(view, top)] : [];
    })
    .sort(
      (one, other) =>
        severities.indexOf(other.severity) - severities.indexOf(one.severity) || byShare(one, other),
    );
}

function alertView(rule: ProgressView, { level, basis, since }: OpenAlert): AlertView {
  const { id, name, categoryId, spent, budget, currency, pct: share, thresholds } = rule;
  // A level that was removed from the rule is not open.
  const severity =
    thresholds.find((each) => each.percent === level && each.basis === basis)?.severity ?? 'info';
  return {
    ruleId: id,
    name,
    categoryId,
    level,
    basis,
    severity,
    since: since.toString(),
    spent,
    budget,
    currency,
    pct: share,
  };
}
