/** The facts of an example alert and its reader, for tests of messages. */
import type { AlertFacts } from '../../../src/alerts/decide/alert-facts.ts';
import type { NotificationContent } from '../../../src/notify/decide/content.ts';
import type { Reader } from '../../../src/values/display.ts';

export const reader: Reader = { locale: 'en', today: '2026-11-21' };

export const groceries: AlertFacts = {
  type: 'budget_alert',
  ruleId: 'r1',
  ruleName: 'Groceries',
  periodKind: 'monthly',
  period: { start: '2026-11-01', end: '2026-12-01' },
  phase: 'current',
  level: 100,
  severity: 'danger',
  spentMinor: '41230',
  budgetMinor: '40000',
  currency: 'USD',
  channels: ['in-app', 'email', 'sms', 'push'],
};

export const named = (ruleName: string): AlertFacts => ({ ...groceries, ruleName });

export const critical: AlertFacts = { ...groceries, severity: 'critical', level: 150, spentMinor: '61230' };
export const recovery: AlertFacts = { ...groceries, type: 'recovery', level: 95, spentMinor: '37000' };
export const past: AlertFacts = {
  ...groceries,
  phase: 'past',
  period: { start: '2026-10-01', end: '2026-11-01' },
};
export const alerts = ['Food', 'Fun', 'Rent', 'Pets'].map((ruleName) => ({
  ...groceries,
  ruleId: ruleName,
  ruleName,
}));
export const rollUp: NotificationContent = { type: 'roll_up', alerts };

export const tippedBy = {
  merchant: 'CORNER MARKET',
  category: 'food',
  amountMinor: '12000',
  currency: 'USD',
};
