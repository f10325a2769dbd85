/** The title of a summary: the total, and how it compares. */
import { describe, expect, test } from 'vitest';
import type { NotificationContent } from '../../../src/notify/decide/content.ts';
import { groceries } from '../../support/worlds/alert-facts.ts';
import { daily, render, title, usually, weekly } from '../../support/worlds/alerts/summary-contents.ts';

describe('the title of a summary', () => {
  test.each<[string, NotificationContent, string]>([
    [
      'names the total first, then less than usual',
      daily(),
      'Yesterday: $84.20, 12% less than on a usual weekday',
    ],
    [
      'names more than usual on a weekend',
      daily(usually(240.4, false, 'weekend')),
      'Yesterday: $84.20, 240% more than on a usual weekend day',
    ],
    [
      'names a percentage up to 300',
      daily(usually(300, true)),
      'Yesterday: $84.20, more than on any other day of the last 60 days',
    ],
    [
      'names 299 % of the largest day',
      daily(usually(299, true)),
      'Yesterday: $84.20, 299% more than on a usual weekday',
    ],
    [
      'names far more in words',
      daily(usually(1240.4)),
      'Yesterday: $84.20, far more than on a usual weekday',
    ],
    ['names 10 %', daily(usually(10)), 'Yesterday: $84.20, 10% more than on a usual weekday'],
    [
      'names less than 10 % in words',
      daily(usually(-9.4)),
      'Yesterday: $84.20, about as much as on a usual weekday',
    ],
    ['has no comparison with too few days', daily({ usual: null }), 'Yesterday: $84.20'],
    [
      'says so if more came back than was spent',
      daily({ totalMinor: '-500' }),
      'Yesterday: -$5.00, more came back than was spent',
    ],
    ['names the bills of the day', daily({ billsMinor: '7000' }), 'Yesterday: $84.20, $70.00 of it bills'],
    [
      'of a week compares what is no bill',
      weekly({ previousPct: 300, restPct: 15 }),
      'Last week: $84.20, 15% more than the week before',
    ],
    ['shows a total of zero', daily({ totalMinor: '0' }), 'Yesterday: $0.00'],
    [
      'names the day if it is sent late',
      daily({}, [], '2026-11-19'),
      'November 19, 2026: $84.20, 12% less than on a usual weekday',
    ],
    [
      'of a week compares with the week before',
      weekly({ previousPct: 15 }),
      'Last week: $84.20, 15% more than the week before',
    ],
    [
      'of a week names as much as the week before',
      weekly({ previousPct: 0 }),
      'Last week: $84.20, about as much as the week before',
    ],
    ['of the first week has no comparison', weekly({ isUsualKnown: false }), 'Last week: $84.20'],
    [
      'of a week names the week if it is sent late',
      weekly({ previousPct: 15 }, '2026-11-02'),
      'November 2\u2009–\u20098, 2026: $84.20, 15% more than the week before',
    ],
    ['counts the capped alerts', daily({}, [groceries]), 'Yesterday: $84.20; 1 budget needs a look'],
  ])('%s', (_name, content, expected) => {
    expect(title(content)).toBe(expected);
    expect(render(content, 'email').title).toBe(expected);
  });

  test('has numbers in the format of the locale', () => {
    expect(render(daily({ totalMinor: '123456789' }), 'in-app', 'de-AT').title).toBe(
      'Yesterday: $\u00a01.234.567,89, 12\u00a0% less than on a usual weekday',
    );
  });
});
