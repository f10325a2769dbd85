import { describe, expect, test } from 'vitest';
import type { Contribution, SpendingChange } from '../../../src/alerts/decide/apply-events.ts';
import { type Rule, ruleDefaults } from '../../../src/alerts/decide/rule.ts';
import { dailyDeltas, listConversions, touchPeriods } from '../../../src/alerts/decide/spending.ts';

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
  merchant: null,
  merchantId: null,
  currency: 'USD',
  day: '2026-11-10',
  amountMinor: 100n,
  ...changes,
});

/** Daily totals know no merchants. */
function daily(changes: Partial<Contribution>): Omit<Contribution, 'merchant' | 'merchantId'> {
  const { merchant: _merchant, merchantId: _id, ...totals } = part(changes);
  return totals;
}

const change = (
  before: Contribution | null,
  after: Contribution | null,
  expenseId = 'x',
): SpendingChange => ({
  expenseId,
  before,
  after,
});

/** Two dollars are one pound; no other currency has a rate. */
const convert = ({ currency, amountMinor }: Contribution, to: string): bigint | null =>
  currency === 'GBP' && to === 'USD' ? amountMinor * 2n : null;

/** Runs it to its end at once. */
function finish<T>(work: Generator<void, T>): T {
  for (;;) {
    const portion = work.next();
    if (portion.done) return portion.value;
  }
}

/** Formats each touched period as its rule, start, phase, steps and expenses without a rate. */
function touched(changes: SpendingChange[], rules: Rule[], timeZone = 'UTC'): string[] {
  const watchedOf = (_tenant: string, userId: string) => ({
    timeZone,
    rules: rules.filter((one) => one.userId === userId),
  });
  return finish(touchPeriods(changes, watchedOf, convert, now)).map(
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

describe('the steps of spending that an expense causes', () => {
  test.each<[string, SpendingChange, string[]]>([
    ['when created', change(null, part()), ['all 2026-11-01 current x+100', 'food 2026-11-01 current x+100']],
    [
      'when refunded',
      change(null, part({ amountMinor: -100n })),
      ['all 2026-11-01 current x-100', 'food 2026-11-01 current x-100'],
    ],
    ['when deleted', change(part(), null), ['all 2026-11-01 current x-100', 'food 2026-11-01 current x-100']],
    [
      'when edited: one step of the difference',
      change(part(), part({ amountMinor: 70n })),
      ['all 2026-11-01 current x-30', 'food 2026-11-01 current x-30'],
    ],
    [
      'when moved to another category',
      change(part(), part({ categoryId: 'rent' })),
      ['all 2026-11-01 current x+0', 'food 2026-11-01 current x-100', 'rent 2026-11-01 current x+100'],
    ],
    [
      'when moved to another person',
      change(part(), part({ userId: 'p02' })),
      ['all 2026-11-01 current x-100', 'food 2026-11-01 current x-100', 'theirs 2026-11-01 current x+100'],
    ],
    [
      'when moved to another period',
      change(part(), part({ day: '2026-10-31' })),
      [
        'all 2026-11-01 current x-100',
        'food 2026-11-01 current x-100',
        'all 2026-10-01 closed x+100',
        'food 2026-10-01 closed x+100',
      ],
    ],
    [
      'when changed to a currency without a rate',
      change(part(), part({ currency: 'EUR' })),
      ['all 2026-11-01 current x-100 no rate for x', 'food 2026-11-01 current x-100 no rate for x'],
    ],
    [
      'when changed from a currency without a rate',
      change(part({ currency: 'EUR' }), part()),
      ['all 2026-11-01 current x+100', 'food 2026-11-01 current x+100'],
    ],
    [
      'when created in a currency without a rate',
      change(null, part({ currency: 'EUR' })),
      ['all 2026-11-01 current no rate for x', 'food 2026-11-01 current no rate for x'],
    ],
    ['when deleted in a currency without a rate', change(part({ currency: 'EUR' }), null), []],
    [
      'when created in a currency with a rate',
      change(null, part({ currency: 'GBP' })),
      ['all 2026-11-01 current x+200', 'food 2026-11-01 current x+200'],
    ],
    [
      'when deleted in a currency with a rate',
      change(part({ currency: 'GBP' }), null),
      ['all 2026-11-01 current x-200', 'food 2026-11-01 current x-200'],
    ],
    [
      'when changed from a currency with a rate to one without',
      change(part({ currency: 'GBP' }), part({ currency: 'EUR' })),
      ['all 2026-11-01 current x-200 no rate for x', 'food 2026-11-01 current x-200 no rate for x'],
    ],
    [
      'when changed from a currency with a rate: one step',
      change(part({ currency: 'GBP' }), part()),
      ['all 2026-11-01 current x-100', 'food 2026-11-01 current x-100'],
    ],
    ['when deleted before its creation', change(null, null), []],
    ['for a person without rules', change(null, part({ userId: 'p03' })), []],
    [
      'when dated in a later period',
      change(null, part({ day: '2026-12-01' })),
      ['all 2026-12-01 future x+100', 'food 2026-12-01 future x+100'],
    ],
  ])('%s', (_name, moved, expected) => {
    expect(touched([moved], [all, food, rent, theirs])).toEqual(expected);
  });

  test('need rates only for expenses under a rule in another currency', () => {
    const watchedOf = (_tenant: string, userId: string) => ({
      timeZone: 'UTC',
      rules: userId === 'p01' ? [all, rent] : [],
    });
    const changes = [
      change(part({ currency: 'EUR', day: '2026-11-09' }), part()),
      change(null, part({ currency: 'GBP', categoryId: 'rent' })),
      change(null, part({ currency: 'GBP', userId: 'p02' })),
    ];
    const asked = finish(listConversions(changes, watchedOf)).map(
      ({ day, from, to }) => `${day} ${from} ${to}`,
    );
    expect(asked).toEqual(['2026-11-09 EUR USD', '2026-11-10 GBP USD', '2026-11-10 GBP USD']);
  });

  test('are in the order of the events', () => {
    const changes = [
      change(null, part({ amountMinor: 3n }), 'a'),
      change(null, part({ amountMinor: 5n }), 'b'),
      change(part({ amountMinor: 3n }), null, 'a'),
    ];
    expect(touched(changes, [food])).toEqual(['food 2026-11-01 current a+3 b+5 a-3']);
  });

  test('are in one period for each day of a daily rule', () => {
    const daily = rule('daily', { period: 'daily' });
    const changes = [change(null, part({ day: '2026-11-09' }), 'a'), change(null, part(), 'b')];
    expect(touched(changes, [daily])).toEqual([
      'daily 2026-11-09 closed a+100',
      'daily 2026-11-10 current b+100',
    ]);
    // 12:00 UTC is 07:00 in New York, which is within the grace of twelve hours.
    expect(touched(changes, [daily], 'America/New_York')[0]).toBe('daily 2026-11-09 past a+100');
  });
});

describe('the daily totals', () => {
  test('subtract the old amount and count, and add the new ones', () => {
    const moved = change(part(), part({ categoryId: 'rent', amountMinor: 70n }));
    expect(dailyDeltas([moved])).toEqual([
      { ...daily({ amountMinor: -100n }), count: -1 },
      { ...daily({ categoryId: 'rent', amountMinor: 70n }), count: 1 },
    ]);
  });

  test.each<[string, Partial<Contribution>]>([
    ['day', { day: '2026-11-09' }],
    ['person', { userId: 'p02' }],
    ['category', { categoryId: 'rent' }],
    ['currency', { currency: 'EUR' }],
    ['tenant', { tenantId: 'u' }],
  ])('are separate for each %s', (_name, other) => {
    expect(dailyDeltas([change(null, part()), change(null, part(other))])).toHaveLength(2);
  });

  test('keep their count when an amount is edited', () => {
    expect(dailyDeltas([change(part(), part({ amountMinor: 70n }))])).toEqual([
      { ...daily({ amountMinor: -30n }), count: 0 },
    ]);
  });

  test('count an expense of zero', () => {
    expect(dailyDeltas([change(null, part({ amountMinor: 0n }))])).toMatchObject([
      { amountMinor: 0n, count: 1 },
    ]);
  });

  test('do not change when an expense moves there and back', () => {
    const moved = part({ categoryId: 'rent' });
    expect(dailyDeltas([change(part(), moved), change(moved, part())])).toEqual([]);
  });
});
