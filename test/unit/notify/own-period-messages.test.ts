/** Messages about budgets from payday to payday and for a trip, which have no name of the calendar. */
import { expect, test } from 'vitest';
import { inAppMessage } from '../../../src/notify/messages/in-app.ts';
import { fitsOnePart } from '../../../src/notify/messages/sms-part.ts';
import { smsText } from '../../../src/notify/messages/sms-text.ts';
import type { AlertFacts } from '../../../src/alerts/decide/alert-facts.ts';
import type { Reader } from '../../../src/values/display.ts';
import { groceries } from '../../support/worlds/alert-facts.ts';

const reader: Reader = { locale: 'en', today: '2026-11-16' };
const payday: AlertFacts = {
  ...groceries,
  periodKind: 'rrule',
  period: { start: '2026-10-25', end: '2026-11-25' },
};
const trip: AlertFacts = { ...payday, periodKind: 'once' };
const party: AlertFacts = { ...trip, period: { start: '2026-11-16', end: '2026-11-17' } };

/** Locales write other spaces around a dash. */
const plainly = ({ title, text }: { title: string; text: string }): string[] =>
  [title, text].map((each) => each.replace(/\p{Zs}/gu, ' '));

test.each<[string, AlertFacts, Partial<Reader>, string, string]>([
  [
    'over a budget from payday to payday',
    payday,
    {},
    'Groceries: 103% of the budget',
    'Groceries: $412.30 of $400.00 spent, $12.30 over, with 9 days to go.',
  ],
  [
    'over the budget of a trip',
    trip,
    {},
    'Groceries: 103% of the budget',
    'Groceries: $412.30 of $400.00 spent, $12.30 over, with 9 days to go.',
  ],
  [
    'within the budget',
    { ...payday, spentMinor: '31230', level: 80 },
    {},
    'Groceries: 78% of the budget',
    'Groceries: $312.30 of $400.00 spent, $87.70 left, about $9.70 a day for 9 days.',
  ],
  [
    'with nothing left',
    { ...payday, spentMinor: '40000' },
    {},
    'Groceries: 100% of the budget',
    'Groceries: $400.00 of $400.00 spent, nothing left, with 9 days to go.',
  ],
  [
    'on the last day',
    { ...payday, spentMinor: '31230', level: 80 },
    { today: '2026-11-24' },
    'Groceries: 78% of the budget',
    'Groceries: $312.30 of $400.00 spent, $87.70 left for the last day.',
  ],
  [
    'many times over',
    { ...trip, spentMinor: '4123000' },
    {},
    'Groceries: 103 times the budget',
    'Groceries: $41,230.00 of $400.00 spent, $40,830.00 over, with 9 days to go.',
  ],
  [
    'of a single day',
    party,
    {},
    'Groceries: 103% of the budget',
    'Groceries: $412.30 of $400.00 spent, $12.30 over today.',
  ],
  [
    'of a single day that is over',
    { ...party, phase: 'past' },
    { today: '2026-11-17' },
    'Groceries, November 16, 2026: 103% of the budget',
    'Groceries, November 16, 2026: $412.30 of $400.00 spent, $12.30 over.',
  ],
  [
    'of a period that is over',
    payday,
    { today: '2026-11-25' },
    'Groceries, October 25 – November 24, 2026: 103% of the budget',
    'Groceries, October 25 – November 24, 2026: $412.30 of $400.00 spent, $12.30 over.',
  ],
  [
    'over the end of a year',
    { ...trip, phase: 'past', period: { start: '2026-12-20', end: '2027-01-06' } },
    { today: '2027-01-07' },
    'Groceries, December 20, 2026 – January 5, 2027: 103% of the budget',
    'Groceries, December 20, 2026 – January 5, 2027: $412.30 of $400.00 spent, $12.30 over.',
  ],
])('a message about a budget %s', (_name, facts, change, title, text) => {
  expect(plainly(inAppMessage(facts, { ...reader, ...change }))).toEqual([title, text]);
});

test('an SMS about a period that is over takes one part', () => {
  const text = smsText({ ...payday, phase: 'past' }, { ...reader, today: '2026-11-25' }, 'Bank', null);
  expect(text).toContain('October 25 - November 24, 2026');
  expect(fitsOnePart(text)).toBe(true);
});
