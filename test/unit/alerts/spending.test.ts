import { describe, expect, test } from 'vitest';
import type { Contribution, SpendingChange } from '../../../src/alerts/decide/expense.ts';
import { type Rule, ruleDefaults } from '../../../src/alerts/decide/rule.ts';
import { conversionsOf, dailyDeltas, touchedPeriods } from '../../../src/alerts/decide/spending.ts';

const now = Temporal.Instant.from('2026-11-10T12:00:00Z');

const rule = (id: string, changes: Partial<Rule> = {}): Rule => ({
  ...ruleDefaults,
  thresholds: [...ruleDefaults.thresholds],
  channels: ['in-app'],
  tenantId: 't',
  id,
  userId: 'p01',
  name: id,
  categoryId: null,
  budgetMinor: 10_000n,
  currency: 'USD',
  ...changes,
});

const part = (changes: Partial<Contribution> = {}): Contribution => ({
  tenantId: 't',
  userId: 'p01',
  categoryId: 'food',
  currency: 'USD',
  day: '2026-11-10',
  amountMinor: 100n,
  ...changes,
});

const change = (
  before: Contribution | null,
  after: Contribution | null,
  expenseId = 'x',
): SpendingChange => ({
  expenseId,
  before,
  after,
});

/** Two dollars a pound; nobody knows of any other currency. */
const convert = ({ currency, amountMinor }: Contribution, to: string): bigint | null =>
  currency === 'GBP' && to === 'USD' ? amountMinor * 2n : null;

/** `rule start: steps (unrated)` of every touched period. */
function touched(changes: SpendingChange[], rules: Rule[], timeZone = 'UTC'): string[] {
  const watchedOf = (_tenant: string, userId: string) => ({
    timeZone,
    rules: rules.filter((one) => one.userId === userId),
  });
  return touchedPeriods(changes, watchedOf, convert, now).map(
    ({ rule: { id }, period, phase, steps, unrated }) => {
      const moves = steps.map(
        ({ deltaMinor, expenseId }) => `${expenseId}${deltaMinor < 0n ? '' : '+'}${deltaMinor}`,
      );
      return [id, period.start, phase, ...moves, ...unrated.map((expense) => `no rate for ${expense}`)].join(
        ' ',
      );
    },
  );
}

const all = rule('all');
const food = rule('food', { categoryId: 'food' });
const rent = rule('rent', { categoryId: 'rent' });
const theirs = rule('theirs', { userId: 'p02' });

describe('the rules an expense moves', () => {
  test.each<[string, SpendingChange, string[]]>([
    ['created', change(null, part()), ['all 2026-11-01 current x+100', 'food 2026-11-01 current x+100']],
    [
      'refunded',
      change(null, part({ amountMinor: -100n })),
      ['all 2026-11-01 current x-100', 'food 2026-11-01 current x-100'],
    ],
    ['deleted', change(part(), null), ['all 2026-11-01 current x-100', 'food 2026-11-01 current x-100']],
    [
      'edited: one step, of the difference',
      change(part(), part({ amountMinor: 70n })),
      ['all 2026-11-01 current x-30', 'food 2026-11-01 current x-30'],
    ],
    [
      'moved to another category',
      change(part(), part({ categoryId: 'rent' })),
      ['all 2026-11-01 current x+0', 'food 2026-11-01 current x-100', 'rent 2026-11-01 current x+100'],
    ],
    [
      'moved to another person',
      change(part(), part({ userId: 'p02' })),
      ['all 2026-11-01 current x-100', 'food 2026-11-01 current x-100', 'theirs 2026-11-01 current x+100'],
    ],
    [
      'moved to another period',
      change(part(), part({ day: '2026-10-31' })),
      [
        'all 2026-11-01 current x-100',
        'food 2026-11-01 current x-100',
        'all 2026-10-01 closed x+100',
        'food 2026-10-01 closed x+100',
      ],
    ],
    [
      'moved out of the currency',
      change(part(), part({ currency: 'EUR' })),
      ['all 2026-11-01 current x-100 no rate for x', 'food 2026-11-01 current x-100 no rate for x'],
    ],
    [
      'moved into the currency',
      change(part({ currency: 'EUR' }), part()),
      ['all 2026-11-01 current x+100', 'food 2026-11-01 current x+100'],
    ],
    [
      'foreign from the start',
      change(null, part({ currency: 'EUR' })),
      ['all 2026-11-01 current no rate for x', 'food 2026-11-01 current no rate for x'],
    ],
    ['foreign and deleted', change(part({ currency: 'EUR' }), null), []],
    [
      'foreign, with a rate',
      change(null, part({ currency: 'GBP' })),
      ['all 2026-11-01 current x+200', 'food 2026-11-01 current x+200'],
    ],
    [
      'foreign, with a rate, and deleted',
      change(part({ currency: 'GBP' }), null),
      ['all 2026-11-01 current x-200', 'food 2026-11-01 current x-200'],
    ],
    [
      'moved from a currency with a rate to one without',
      change(part({ currency: 'GBP' }), part({ currency: 'EUR' })),
      ['all 2026-11-01 current x-200 no rate for x', 'food 2026-11-01 current x-200 no rate for x'],
    ],
    [
      'moved into the currency from one with a rate: one step',
      change(part({ currency: 'GBP' }), part()),
      ['all 2026-11-01 current x-100', 'food 2026-11-01 current x-100'],
    ],
    ['deleted before it was created', change(null, null), []],
    ['of a person without rules', change(null, part({ userId: 'p03' })), []],
    [
      'dated ahead',
      change(null, part({ day: '2026-12-01' })),
      ['all 2026-12-01 future x+100', 'food 2026-12-01 future x+100'],
    ],
  ])('%s', (_name, moved, expected) => {
    expect(touched([moved], [all, food, rent, theirs])).toEqual(expected);
  });

  test('ask for the rates of just what counts towards a rule of another currency', () => {
    const watchedOf = (_tenant: string, userId: string) => ({
      timeZone: 'UTC',
      rules: userId === 'p01' ? [all, rent] : [],
    });
    const changes = [
      change(part({ currency: 'EUR', day: '2026-11-09' }), part()),
      change(null, part({ currency: 'GBP', categoryId: 'rent' })),
      change(null, part({ currency: 'GBP', userId: 'p02' })),
    ];
    const asked = conversionsOf(changes, watchedOf).map(({ day, from, to }) => `${day} ${from} ${to}`);
    expect(asked).toEqual(['2026-11-09 EUR USD', '2026-11-10 GBP USD', '2026-11-10 GBP USD']);
  });

  test('steps keep the order of the events', () => {
    const changes = [
      change(null, part({ amountMinor: 3n }), 'a'),
      change(null, part({ amountMinor: 5n }), 'b'),
      change(part({ amountMinor: 3n }), null, 'a'),
    ];
    expect(touched(changes, [food])).toEqual(['food 2026-11-01 current a+3 b+5 a-3']);
  });

  test('a daily rule has a period for every day touched', () => {
    const daily = rule('daily', { period: 'daily' });
    const changes = [change(null, part({ day: '2026-11-09' }), 'a'), change(null, part(), 'b')];
    expect(touched(changes, [daily])).toEqual([
      'daily 2026-11-09 closed a+100',
      'daily 2026-11-10 current b+100',
    ]);
    // Noon in London is seven in New York: inside the twelve hours.
    expect(touched(changes, [daily], 'America/New_York')[0]).toBe('daily 2026-11-09 past a+100');
  });
});

describe('the daily totals', () => {
  test('take away where it was and add where it is, counts and all', () => {
    const moved = change(part(), part({ categoryId: 'rent', amountMinor: 70n }));
    expect(dailyDeltas([moved])).toEqual([
      { ...part({ amountMinor: -100n }), count: -1 },
      { ...part({ categoryId: 'rent', amountMinor: 70n }), count: 1 },
    ]);
  });

  test.each<[string, Partial<Contribution>]>([
    ['day', { day: '2026-11-09' }],
    ['person', { userId: 'p02' }],
    ['category', { categoryId: 'rent' }],
    ['currency', { currency: 'EUR' }],
    ['tenant', { tenantId: 'u' }],
  ])('keep each %s apart', (_name, other) => {
    expect(dailyDeltas([change(null, part()), change(null, part(other))])).toHaveLength(2);
  });

  test('an edit of the amount moves the sum, not the count', () => {
    expect(dailyDeltas([change(part(), part({ amountMinor: 70n }))])).toEqual([
      { ...part({ amountMinor: -30n }), count: 0 },
    ]);
  });

  test('an expense of nothing counts', () => {
    expect(dailyDeltas([change(null, part({ amountMinor: 0n }))])).toMatchObject([
      { amountMinor: 0n, count: 1 },
    ]);
  });

  test('there and back again is no change', () => {
    const moved = part({ categoryId: 'rent' });
    expect(dailyDeltas([change(part(), moved), change(moved, part())])).toEqual([]);
  });
});
