/** Budget rules as people send and see them. */
import { type Static, Type } from 'typebox';
import { formatAmount } from '../../domain/money.ts';
import { periodKinds } from '../../domain/period.ts';
import { channels, severities } from '../../domain/rule.ts';
import type { RuleStanding } from '../../db/queries/read-standing.ts';
import { identifier, instant, nullable } from './text.ts';

export const amount = (description: string) => Type.String({ description, examples: ['400.00'] });

export const day = (description: string) => Type.String({ format: 'date', description });

const strict = { additionalProperties: false };

const threshold = Type.Object(
  {
    percent: Type.Integer({ minimum: 1, maximum: 100_000, description: 'of the budget; the level it opens' }),
    severity: Type.Enum(severities),
  },
  { ...strict, examples: [{ percent: 80, severity: 'info' }] },
);

const wallClock = (example: string) =>
  Type.String({
    pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
    description: `a time of day, like ${example}`,
    examples: [example],
  });
/** Null: the person's own. */
const zone = nullable(Type.String({ description: 'IANA time zone', examples: ['Europe/Berlin'] }));

const writableQuietHours = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean({ description: 'true where left out' })),
    start: wallClock('20:00'),
    end: wallClock('08:00'),
    timezone: Type.Optional(zone),
  },
  {
    ...strict,
    description: 'may cross midnight; a window whose start is its end is never quiet',
    examples: [{ start: '20:00', end: '08:00' }],
  },
);

/** At least one character that is not a space, none that cannot be printed. */
const name = String.raw`^(?=.*\S)[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,100}$`;

const writable = {
  name: Type.String({
    pattern: name,
    description: '1 to 100 printable characters, not all of them spaces',
    examples: ['Groceries'],
  }),
  /** Null: all spending. */
  categoryId: nullable(identifier()),
  budgetAmount: amount('a decimal number in a string, above zero, with at most the currency’s digits'),
  currency: Type.String({ description: 'ISO 4217; the tenant’s where left out', examples: ['USD'] }),
  period: Type.Enum(periodKinds),
  thresholds: Type.Array(threshold, {
    minItems: 1,
    maxItems: 20,
    description: 'of distinct percents',
    examples: [[{ percent: 80, severity: 'info' }]],
  }),
  channels: Type.Array(Type.Enum(channels), {
    minItems: 1,
    maxItems: channels.length,
    uniqueItems: true,
    description:
      'in-app is told whether it is named or not; today it is the only one that is sent on, and deliveries on the others are `skipped`, `not_configured`',
    examples: [['in-app', 'email']],
  }),
  /** Null: the person's own. */
  quietHours: nullable(writableQuietHours),
  maxNotificationsPerDay: Type.Integer({ minimum: 1, maximum: 1000 }),
  cooldownMinutes: Type.Integer({ minimum: 0, maximum: 10_080 }),
  notificationsEnabled: Type.Boolean({
    description: 'false: alerts are recorded and shown in the app alone',
  }),
  notifyOnRecovery: Type.Boolean(),
  isActive: Type.Boolean(),
};

/** Any of a rule's fields: what `PUT` takes. */
export const ruleChanges = Type.Partial(Type.Object(writable), strict);
export type RuleChanges = Static<typeof ruleChanges>;

export const ruleBody = Type.Object(
  { ...ruleChanges.properties, budgetAmount: writable.budgetAmount },
  strict,
);
export type RuleBody = Static<typeof ruleBody>;

export const ruleParams = Type.Object({ ruleId: Type.String({ format: 'uuid' }) });

const quietHours = Type.Object({
  enabled: Type.Boolean(),
  start: wallClock('20:00'),
  end: wallClock('08:00'),
  timezone: zone,
});

export const ruleSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  ...writable,
  quietHours: nullable(quietHours),
  spent: amount('in the current period'),
  periodStart: day('first day of the current period, in the person’s zone'),
  periodEnd: day('the day after its last'),
  createdAt: instant('when the rule was made'),
  updatedAt: instant('when it was last changed'),
});

export function ruleView(standing: RuleStanding): Static<typeof ruleSchema> {
  const { tenantId: _tenant, userId: _user, budgetMinor, ...rule } = standing.rule;
  return {
    ...rule,
    budgetAmount: formatAmount(budgetMinor, rule.currency),
    spent: formatAmount(standing.spentMinor, rule.currency),
    periodStart: standing.period.start,
    periodEnd: standing.period.end,
    createdAt: standing.createdAt.toString(),
    updatedAt: standing.updatedAt.toString(),
  };
}
