import * as fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, test } from 'vitest';
import type { NotificationContent } from '../../../src/notify/decide/content.ts';
import { channelsOf, shownOn } from '../../../src/notify/decide/content.ts';
import { groceries } from '../../support/worlds/alert-facts.ts';
import type { AlertFacts } from '../../../src/alerts/decide/alert-facts.ts';
import { channels } from '../../../src/values/channels.ts';
import { type Change, daily, figures, render, weekly } from '../../support/worlds/alerts/summary-contents.ts';

describe('a summary in the app', () => {
  test('lists categories, the largest payments and budgets', () => {
    expect(render(daily(), 'in-app').text).toBe(
      '4 expenses: Groceries ($42.30), fun ($25.00), Trains ($16.90). Largest: Corner Shop ($32.10), fun ($25.00). Budgets: Food at 103% of $400.00, All at 30% of €100.00.',
    );
  });

  test('shows a budget with an alert once, in the sentence of the alert', () => {
    expect(render(daily({}, [groceries]), 'in-app').text).toMatch(
      /Budgets: All at 30% of €100\.00\. Groceries: \$412\.30 of \$400\.00 spent, \$12\.30 over, with 10 days left this month\.$/,
    );
  });

  test('shows a single expense once', () => {
    const [category] = figures.categories;
    const [, payment] = figures.topTransactions;
    const one = { transactionCount: 1, categories: category ? [category] : [], budgets: [] };
    expect(render(daily({ ...one, topTransactions: payment ? [payment] : [] }), 'in-app').text).toBe(
      '1 expense: Groceries ($42.30).',
    );
  });
});

describe('a summary that leaves out expenses without an exchange rate', () => {
  const lacking = (...counts: (number | undefined)[]) =>
    figures.budgets.map((budget, index) => {
      const unrated = counts[index];
      return unrated === undefined ? budget : { ...budget, unrated };
    });
  const all = 'Budgets leave out expenses without an exchange rate: Food 1, All 1,200.';

  test.each<[string, Change, string]>([
    [
      'of the day and of budgets',
      { unrated: 2, budgets: lacking(1, 1200) },
      `2 expenses are left out, because no exchange rate is known for them. ${all}`,
    ],
    [
      'of budgets alone',
      { unrated: 0, budgets: lacking(0, 3) },
      'Budgets leave out expenses without an exchange rate: All 3.',
    ],
    ['of the day alone', { unrated: 1 }, '1 expense is left out, because no exchange rate is known for it.'],
  ])('says so in the app and in the mail, %s', (_name, change, sentence) => {
    for (const channel of ['in-app', 'email'] as const)
      expect(render(daily(change), channel).text.replaceAll('\n', ' ')).toContain(sentence);
  });

  test('and no other one speaks of rates', () => {
    const { text } = render(daily({ unrated: 0, budgets: lacking(0, 0) }), 'email');
    expect(text).not.toContain('exchange rate');
  });

  test('says so beside the alert of the budget', () => {
    const { text } = render(daily({ budgets: lacking(1) }, [{ ...groceries, ruleId: 'r1' }]), 'in-app');
    expect(text).toContain('without an exchange rate: Food 1.');
  });

  test('has no list of categories if nothing else was spent', () => {
    const nothing = { transactionCount: 0, categories: [], topTransactions: [], budgets: [], unrated: 1 };
    expect(render(daily(nothing), 'in-app').text).toBe(
      '0 expenses. 1 expense is left out, because no exchange rate is known for it.',
    );
  });
});

describe('the mail of a summary', () => {
  test('has the sections one after another as text', () => {
    expect(render(daily({}, [{ ...groceries, ruleId: 'r9', ruleName: 'Pets' }]), 'email').text).toBe(
      `Yesterday, November 20, 2026.

$84.20. 4 expenses, 1 alert. 12% less than on a usual weekday.

By category:
Groceries: $42.30
fun: $25.00
Trains: $16.90

Largest payments:
Corner Shop: $32.10
fun: $25.00

Budgets:
Food: 103% of $400.00
All: 30% of €100.00

Pets: $412.30 of $400.00 spent, $12.30 over, with 10 days left this month.
103% of the monthly budget.

This waited until now, so as not to disturb you.

-- 
You get this because your daily summary is on.
`,
    );
  });

  test('has bars as HTML, relative to the largest category and to the budget', () => {
    const { html = '' } = render(daily(), 'email');
    expect(html).toContain('>$84.20</span>');
    for (const heading of ['By category', 'Largest payments', 'Budgets'])
      expect(html).toContain(`>${heading}</h2>`);
    expect(html.match(/float:left;width:\d+%/g)).toEqual(
      [100, 59, 39, 97, 3, 30].map((width) => `float:left;width:${width}%`),
    );
  });

  test('names six categories and counts the rest', () => {
    const categories = Array.from({ length: 8 }, (_, number) => ({
      categoryId: `c${number}`,
      name: null,
      totalMinor: '100',
      count: 1,
    }));
    const { text } = render(daily({ categories }), 'email');
    expect(text).toContain('c5: $1.00\nAnd 2 more.');
    expect(text).not.toContain('c6');
  });

  test('neither praises nor blames', () => {
    for (const content of [daily({ monthlyAveragePct: -90 }), daily({ monthlyAveragePct: 90 }), weekly()])
      expect(render(content, 'email').text).not.toMatch(/!|great|good|well done|save|congrat/i);
  });
});

describe('a summary on channels that interrupt more', () => {
  const alert: AlertFacts = { ...groceries, channels: ['in-app', 'sms'] };

  test('sends figures by mail alone and alerts on the channels of their rules', () => {
    expect(channelsOf(daily())).toEqual(['email']);
    expect(channelsOf(daily({}, [alert]))).toEqual(['email', 'sms']);
    expect(channelsOf({ type: 'daily_summary', day: '2026-11-20', alerts: [alert] })).toEqual(['sms']);
    expect(shownOn(daily({}, [alert]), 'email')).toEqual(daily());
    expect(shownOn(daily({}, [alert]), 'sms')).toEqual({
      type: 'daily_summary',
      day: '2026-11-20',
      alerts: [alert],
    });
    expect(render(shownOn(daily({}, [alert]), 'sms'), 'sms').text).toBe(
      'Acme: Groceries: $412.30 of $400.00 spent, $12.30 over, with 10 days left this month. Reply STOP to end texts.',
    );
  });

  test('is short on push and SMS', () => {
    expect(render(daily(), 'push')).toEqual({
      title: 'Acme: Yesterday: $84.20, 12% less than on a usual weekday',
      text: 'Groceries ($42.30), fun ($25.00), Trains ($16.90).',
      sender: 'Acme',
    });
    expect(render(daily(), 'sms').text).toBe(
      'Acme: Yesterday: $84.20, 12% less than on a usual weekday: Groceries ($42.30), fun ($25.00), Trains ($16.90). Reply STOP to end texts.',
    );
  });
});

describe('names in a summary', () => {
  const anyName = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }),
    fc.string({
      unit: fc.constantFrom('<', '>', '"', '&', '\r', '\n', '\u2028', '\u202e', 'ש', '€', '食'),
      minLength: 1,
      maxLength: 100,
    }),
  );
  const named = (name: string): NotificationContent =>
    daily({
      categories: Array.from({ length: 9 }, () => ({ categoryId: 'c', name, totalMinor: '100', count: 1 })),
      topTransactions: [{ expenseId: 'e', merchant: name, categoryId: 'c', amountMinor: '100' }],
      budgets: figures.budgets.map((budget) => ({ ...budget, name })),
    });
  const tags = (content: NotificationContent) => render(content, 'email').html?.match(/<[^>]*>/g);

  test('add no markup, break no line and need no second SMS, whatever they contain', () => {
    const plain = tags(named('Plain'));
    fc.assert(
      fc.property(anyName, fc.constantFrom(...channels), (name, channel) => {
        const content = named(name);
        expect(tags(content)).toEqual(plain);
        const { title: shown, text } = render(content, channel);
        for (const line of channel === 'email' ? [shown] : [shown, text])
          expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
        expect(new SegmentedMessage(render(content, 'sms').text).segmentsCount).toBe(1);
      }),
    );
  });
});
