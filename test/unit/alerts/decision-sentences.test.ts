import { describe, expect, test } from 'vitest';
import { decisionOutcomes } from '../../../src/alerts/decide/evaluation.ts';
import {
  type ExplainedDecision,
  levelSentence,
  reasonSentence,
  whyDecided,
} from '../../../src/alerts/messages/decision.ts';

const decision: ExplainedDecision = {
  ruleName: 'Groceries',
  level: 80,
  basis: 'actual',
  outcome: 'notified',
  periodStart: '2026-11-01',
  spentMinor: 32100n,
  budgetMinor: 40000n,
  currency: 'USD',
  notificationId: null,
  until: null,
  locale: 'en',
  timeZone: 'Europe/Berlin',
};
const until = Temporal.Instant.from('2026-11-10T12:30:00Z');

const reached = 'Groceries reached 80% of its budget of $400.00, with $321.00 spent.';

describe('a decision', () => {
  test.each<[string, Partial<ExplainedDecision>]>([
    [`${reached} A message was made of it.`, { outcome: 'notified', notificationId: 'n' }],
    [
      'Groceries will probably reach 80% of its budget of $400.00. A message was made of it.',
      { basis: 'forecast' },
    ],
    [
      `${reached} It was not told by itself, because another level speaks for it or it fell again at once.`,
      { outcome: 'superseded' },
    ],
    [
      `${reached} You had heard of it not long before, so it is told on November 10, 2026 at 1:30 PM if it still holds.`,
      { outcome: 'deduplicated', until },
    ],
    [`${reached} You had heard of it in this period, so it was not told again.`, { outcome: 'deduplicated' }],
    [
      `${reached} It is in the app alone, because this budget is muted.`,
      { outcome: 'muted', notificationId: 'n' },
    ],
    [
      `${reached} You had paused messages, so mails, text messages and push notifications wait until the pause ends.`,
      { outcome: 'snoozed', notificationId: 'n' },
    ],
    [`${reached} It is in the app alone, because the budget will probably hold.`, { outcome: 'on_pace' }],
    [
      `${reached} It was not told by itself, because the period that began on November 1, 2026 had been over too long.`,
      { outcome: 'past_period' },
    ],
    [
      'An expense is left out of Groceries. No exchange rate is known for its currency.',
      { outcome: 'no_rate', level: null },
    ],
    [
      'The alert at 80% of Groceries ended. The budget was changed, so its levels were measured anew.',
      { outcome: 'rule_changed' },
    ],
    [
      'Groceries fell below 80% of its budget of $400.00 again, with $321.00 spent. This is told only where you ask for it.',
      { outcome: 'resolved' },
    ],
    [
      'Groceries fell below 80% of its budget of $400.00 again, with $321.00 spent. You asked to hear of that, so a message was made of it.',
      { outcome: 'resolved', notificationId: 'n' },
    ],
    [
      'Groceries will probably not reach 80% of its budget of $400.00 any more. This is told only where you ask for it.',
      { outcome: 'resolved', basis: 'forecast' },
    ],
  ])('says "%s"', (text, change) => {
    expect(whyDecided({ ...decision, ...change })).toBe(text);
  });

  test('has figures, times and days in the locale and the zone of its person', () => {
    const told = { ...decision, outcome: 'deduplicated', until, locale: 'en-GB', currency: 'EUR' } as const;
    expect(whyDecided({ ...told, timeZone: 'Asia/Tokyo', level: 1200 })).toBe(
      'Groceries reached 1,200% of its budget of €400.00, with €321.00 spent. You had heard of it not long before, so it is told on 10 November 2026 at 21:30 if it still holds.',
    );
  });

  test.each(decisionOutcomes)('with the outcome %s has a reason of its own', (outcome) => {
    // The database may hold an outcome of a later version.
    const unknown = { ...decision, outcome: 'unknown' as typeof outcome };
    for (const each of [until, null])
      expect(reasonSentence({ ...decision, outcome, until: each })).not.toBe(reasonSentence(unknown));
    const reasons = decisionOutcomes.map((other) => reasonSentence({ ...decision, outcome: other }));
    expect(reasons.filter((reason) => reason === reasonSentence({ ...decision, outcome }))).toHaveLength(1);
  });

  test('isolates the name of a budget that is written from right to left', () => {
    expect(levelSentence({ ...decision, ruleName: 'אוכל' })).toMatch(/^\u2068אוכל\u2069 reached 80%/u);
  });
});
