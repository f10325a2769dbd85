/** The facts of an example alert and its reader, for tests of messages. */
import type { AlertFacts } from '../../../src/alerts/decide/alert-facts.ts';
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
