/** Budget rules in the API's format. */
import { type Static, Type } from 'typebox';
import { percentOfBudget } from '../../values/figures.ts';
import { formatAmount } from '../../values/money.ts';
import { rollovers } from '../../alerts/decide/rollover.ts';
import { stillAhead } from '../../values/snooze.ts';
import type { RuleProgress } from '../../alerts/rules/read-progress.ts';
import { periodSchema } from './period.ts';
import { quietHoursSchema, writableQuietHours } from './quiet-hours.ts';
import { ruleSnooze } from './snooze.ts';
import { identifier, instant, label, nullable } from './text.ts';
import { maxTextLength } from '../../ingest/decide/json-reader.ts';
import { type Basis, bases, severities, type Threshold } from '../../values/severity.ts';
import { channels } from '../../values/channels.ts';

export const amount = (description: string) => Type.String({ description, examples: ['400.00'] });

export const day = (description: string) => Type.String({ format: 'date', description });

const strict = { additionalProperties: false };

export const threshold = Type.Object(
  {
    percent: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description: 'of the budget; it identifies the level',
    }),
    severity: Type.Enum(severities),
    basis: Type.Optional(
      Type.Enum(bases, {
        description:
          'of the spending: `actual`, or `forecast`, where the level opens when the period will probably end at it or above, and is never `critical`; `actual` where left out',
      }),
    ),
  },
  { ...strict, examples: [{ percent: 80, severity: 'info' }] },
);

const writable = {
  name: Type.String({ ...label(100), examples: ['Groceries'] }),
  /** Null means all spending, or a group. */
  categoryId: nullable(identifier()),
  categoryIds: nullable(
    Type.Array(identifier(), {
      minItems: 1,
      maxItems: 50,
      description: 'a group of categories, instead of `categoryId`; answered sorted, each once',
      examples: [['dining', 'groceries']],
    }),
  ),
  excludeCategories: Type.Array(identifier(), {
    maxItems: 50,
    description: 'categories that do not count; for a rule of all spending alone',
    examples: [['card-payments']],
  }),
  excludeMerchants: Type.Array(Type.String({ ...label(maxTextLength), examples: ['ACME Rent'] }), {
    maxItems: 50,
    description:
      'names or ids of merchants whose expenses do not count, however a statement writes the names',
    examples: [['ACME Rent']],
  }),
  budgetAmount: amount('a decimal number in a string, above zero, with at most the currency’s digits'),
  currency: Type.String({ description: 'ISO 4217; the tenant’s where left out', examples: ['USD'] }),
  period: periodSchema,
  rollover: Type.Enum(rollovers, {
    description:
      'what the next period’s budget takes over: nothing, what is left (`unspent`), or also what was spent beyond it (`both`)',
  }),
  thresholds: Type.Array(threshold, {
    minItems: 1,
    maxItems: 20,
    description: 'thresholds with distinct percents, of each `basis`',
    examples: [[{ percent: 80, severity: 'info' }]],
  }),
  channels: Type.Array(Type.Enum(channels), {
    minItems: 1,
    maxItems: channels.length,
    description:
      'distinct channels; in-app is always included, named or not; on a channel that is not configured, deliveries are `skipped` with `not_configured`',
    examples: [['in-app', 'email']],
  }),
  /** Null means the person's own quiet hours. */
  quietHours: nullable(writableQuietHours),
  maxNotificationsPerDay: Type.Integer({
    minimum: 1,
    maximum: 1000,
    description:
      'of two or more, the last is kept for `danger` and `critical`; recoveries do not count; the person’s preference of this name may be lower, and then holds',
  }),
  cooldownMinutes: Type.Integer({ minimum: 0, maximum: 10_080 }),
  notificationsEnabled: Type.Boolean({
    description: 'false (muted): alerts are recorded and shown in the app alone',
  }),
  notifyOnRecovery: Type.Boolean(),
  everyLevel: Type.Boolean({
    description:
      'true: levels below 100 % interrupt also while the forecast says that the budget will probably hold',
  }),
  isActive: Type.Boolean(),
  snoozeUntil: nullable(ruleSnooze),
};

/** Any of a rule's fields, for `PUT`. */
export const ruleChanges = Type.Partial(Type.Object(writable), strict);
export type RuleChanges = Static<typeof ruleChanges>;

export const ruleBody = Type.Object(
  { ...ruleChanges.properties, budgetAmount: writable.budgetAmount },
  strict,
);
export type RuleBody = Static<typeof ruleBody>;

export const ruleParams = Type.Object({ ruleId: Type.String({ format: 'uuid' }) });

export const unratedSchema = Type.Object(
  { count: Type.Integer({ minimum: 0 }) },
  { description: 'how many expenses `spent` leaves out, because no exchange rate is known for them' },
);

export const ruleSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  ...writable,
  quietHours: nullable(quietHoursSchema),
  snoozeUntil: nullable(instant('null: not snoozed')),
  carried: amount('what the period takes over from the one before; below zero if that was exceeded'),
  budget: amount('of the period: `budgetAmount` and what is carried'),
  spent: amount('in the period from `periodStart`'),
  unrated: unratedSchema,
  periodStart: day(
    'first day of the current period, in the person’s zone; where there is none, of the next, or of the only one',
  ),
  periodEnd: day('the day after its last'),
  createdAt: instant('when the rule was created'),
  updatedAt: instant('when it was last changed'),
});

export function ruleView(progress: RuleProgress, now: Temporal.Instant): Static<typeof ruleSchema> {
  const { tenantId: _tenant, userId: _user, carriesFrom: _first, ...stored } = progress.rule;
  const { budgetMinor, snoozeUntil, thresholds, forecastThresholds, ...rule } = stored;
  const { carriedMinor } = progress;
  return {
    ...rule,
    thresholds: [...thresholds.map(withBasis('actual')), ...forecastThresholds.map(withBasis('forecast'))],
    categoryIds: rule.categoryIds && [...rule.categoryIds],
    excludeCategories: [...rule.excludeCategories],
    excludeMerchants: [...rule.excludeMerchants],
    budgetAmount: formatAmount(budgetMinor, rule.currency),
    carried: formatAmount(carriedMinor, rule.currency),
    budget: formatAmount(budgetMinor + carriedMinor, rule.currency),
    snoozeUntil: stillAhead(snoozeUntil, now)?.toString() ?? null,
    spent: formatAmount(progress.spentMinor, rule.currency),
    unrated: { count: progress.unrated },
    periodStart: progress.period.start,
    periodEnd: progress.period.end,
    createdAt: progress.createdAt.toString(),
    updatedAt: progress.updatedAt.toString(),
  };
}

const withBasis =
  (basis: Basis) =>
  ({ percent, severity }: Threshold) => ({ percent, severity, basis });

/** Rounded down. Null if nothing is left of the period's budget to begin with. */
export function percentIn({ rule, carriedMinor, spentMinor }: RuleProgress): number | null {
  const percent = percentOfBudget(spentMinor, rule.budgetMinor + carriedMinor);
  return percent === null ? null : Number(percent);
}
