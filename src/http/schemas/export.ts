/** The document of an export. */
import { Type } from 'typebox';
import { instant, nullable } from './text.ts';
import { userSchema } from './user.ts';

const list = (description: string) => Type.Array(Type.Object({}), { description });

export const exportSchema = Type.Object(
  {
    exportedAt: instant('when it was read'),
    tenant: Type.Object({ id: Type.String(), name: Type.String() }),
    person: userSchema,
    preferences: Type.Object({}, { description: 'as stored; null: the default' }),
    addresses: Type.Object(
      {
        email: nullable(Type.String()),
        phone: nullable(Type.String()),
        bouncedEmail: nullable(Type.String()),
        bouncedPhone: nullable(Type.String()),
        unconfirmed: userSchema.properties.unconfirmed,
        pushSubscriptions: list('browsers, without their keys'),
      },
      { description: 'where messages go' },
    ),
    categories: list('those of the person’s expenses and rules, with names'),
    expenses: list('every expense'),
    events: list('events of the last 90 days that name the person'),
    rules: list('rules with the spending of their periods'),
    memberships: list('budgets of others; empty in this version'),
    alerts: list('the levels of rule periods'),
    decisions: list('why an alert was or was not sent'),
    notifications: list('notifications with their deliveries'),
    recurring: list('recurring charges, as found among the expenses, and what the person said of them'),
    anomalies: list('what was out of the ordinary about charges, and what the person said of it'),
    forecasts: list('forecasts; empty in this version'),
    recommendations: list('recommendations with their evidence'),
    profile: list('usual spending, by category'),
    dailySummaries: list('summaries of days and weeks'),
    benchmarkMonths: list('the figures with which the person counted in benchmarks'),
    sessions: list('sessions of browsers; empty in this version'),
  },
  { description: 'Everything kept of the person.' },
);
