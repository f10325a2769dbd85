import { describe, expect, test } from 'vitest';
import type { Anomaly } from '../../../src/insight/decide/anomalies/anomaly.ts';
import { anomalyFacts } from '../../../src/insight/decide/anomalies/anomaly-facts.ts';
import { findAnomalies } from '../../../src/insight/decide/anomalies/find-anomalies.ts';
import {
  type KnownAnomaly,
  reconcileAnomalies,
} from '../../../src/insight/decide/anomalies/reconcile-anomalies.ts';
import { type Charge, findStreams } from '../../../src/insight/decide/recurring.ts';
import { anomalyMessage } from '../../../src/insight/messages/anomaly-message.ts';

const today = '2026-11-10';
let made = 0;

const charge = (day: string, amount: number, facts: Partial<Charge> = {}): Charge => ({
  expenseId: `e${made++}`,
  categoryId: 'food',
  merchant: 'Shop',
  merchantRef: null,
  day,
  amountMinor: BigInt(Math.round(amount * 100)),
  currency: 'USD',
  ...facts,
});

const find = (charges: readonly Charge[], ignores = false, on = today): Anomaly[] => {
  const streams = findStreams(charges, on);
  return findAnomalies({ charges, streams, ignored: new Set(ignores ? streams : []), today: on });
};
const types = (found: readonly Anomaly[]) => found.map(({ type }) => type);

/** A purchase of about 20 on days without a pattern. */
const days = ['01-03', '01-19', '02-11', '03-02', '03-29', '04-06', '05-17', '06-08', '07-21', '09-30'];
const usual = days.map((day, index) => charge(`2026-${day}`, 18 + ((index * 7) % 6)));
const flix = { merchant: 'Streamflix', categoryId: 'fun' };
const onThe5th = (months: readonly number[], amount: number, facts: Partial<Charge> = flix): Charge[] =>
  months.map((month) => charge(`2026-${String(month).padStart(2, '0')}-05`, amount, facts));

describe('an unusual amount', () => {
  test('is the largest of its category, far above the median at the merchant', () => {
    const found = find([...usual, charge('2026-11-08', 400)]);
    expect(found).toMatchObject([
      { type: 'unusual_amount', amountMinor: 40000n, details: { basis: 'merchant', since: '2026-01-03' } },
    ]);
  });

  test.each<[string, Charge[]]>([
    [
      'less than 20.00 above the usual',
      [...usual.map((each) => ({ ...each, amountMinor: 100n })), charge('2026-11-08', 20.9)],
    ],
    [
      'not the largest of its category',
      [charge('2026-01-02', 500, { merchant: 'Other' }), ...usual, charge('2026-11-08', 400)],
    ],
    [
      'at a new merchant of a person with few charges',
      [...usual.slice(0, 7), charge('2026-11-08', 400, { merchant: 'New', categoryId: 'x' })],
    ],
    ['refunded', [...usual, charge('2026-11-08', 400), charge('2026-11-09', -400)]],
    ['long over', [...usual.slice(0, 8), charge('2026-07-25', 400)]],
  ])('is not one that is %s', (_name, charges) => {
    expect(find(charges)).toEqual([]);
  });

  test('is compared in the category where the merchant has too few charges', () => {
    const found = find([...usual, charge('2026-11-08', 400, { merchant: 'Elsewhere' })]);
    expect(found).toMatchObject([{ details: { basis: 'category' } }]);
  });
});

describe('a double charge', () => {
  const pair = (first: string, second: string, amount = 64): Charge[] => [
    charge(first, amount),
    charge(second, amount),
  ];

  test('is a second charge of the amount within two days, with exactly one copy', () => {
    expect(types(find(pair('2026-11-07', '2026-11-09')))).toEqual(['duplicate_charge']);
    expect(find(pair('2026-11-06', '2026-11-09'))).toEqual([]);
    expect(find([...pair('2026-11-07', '2026-11-08'), charge('2026-11-08', 64)])).toEqual([]);
  });

  test.each<[string, Charge[]]>([
    ['below 10.00', pair('2026-11-07', '2026-11-08', 9.99)],
    [
      'where pairs came before',
      [...pair('2026-08-01', '2026-08-02', 12), ...pair('2026-11-07', '2026-11-08')],
    ],
    [
      'at a usual price',
      [charge('2026-03-01', 64), charge('2026-06-17', 64), ...pair('2026-11-07', '2026-11-08')],
    ],
    ['that was refunded', [...pair('2026-11-07', '2026-11-08'), charge('2026-11-09', -64)]],
  ])('is none %s', (_name, charges) => {
    expect(find(charges)).toEqual([]);
  });

  test('is told of a bill, whose price is usual, unless its stream is ignored', () => {
    const bills = [...onThe5th([6, 7, 8, 9, 10, 11], 64), charge('2026-11-06', 64, flix)];
    expect(types(find(bills))).toEqual(['duplicate_charge']);
    expect(find(bills, true)).toEqual([]);
  });
});

describe('a recurring charge', () => {
  test('that is dearer is found at its first charge, and not where its stream is ignored', () => {
    const charges = [...onThe5th([6, 7, 8, 9, 10], 9.99), ...onThe5th([11], 11.99)];
    expect(find(charges)).toMatchObject([
      { type: 'price_increase', amountMinor: 1199n, expectedMinor: 999n, details: { charges: 1 } },
    ]);
    expect(find(charges, true)).toEqual([]);
  });

  test('that is cheaper is not found', () => {
    expect(find([...onThe5th([6, 7, 8, 9, 10], 11.99), ...onThe5th([11], 9.99)])).toEqual([]);
  });

  test('that does not come is found once its tolerance is over, and no more when it comes', () => {
    const charges = onThe5th([6, 7, 8, 9, 10], 30);
    expect(find([...charges, charge('2026-11-10', 4)], false, '2026-11-10')).toEqual([]);
    const since = [...charges, charge('2026-11-11', 4)];
    expect(find(since, false, '2026-11-11')).toMatchObject([{ type: 'missed_charge', day: '2026-11-05' }]);
    const late = [...since, charge('2026-11-10', 30, flix)];
    expect(find(late, false, '2026-11-11')).toEqual([]);
  });

  test.each([
    { it: 'without a later charge', until: [] },
    { it: 'with charges of the days of its tolerance alone', until: [charge('2026-11-09', 4)] },
  ])('is not missed $it, as charges may not have been sent yet', ({ until }) => {
    const charges = [...onThe5th([6, 7, 8, 9, 10], 30), ...until];
    expect(find(charges, false, '2026-11-20')).toEqual([]);
  });

  test('that is new is found at its third charge, if the person was known before', () => {
    const charges = onThe5th([9, 10, 11], 30);
    expect(find(charges)).toEqual([]);
    expect(find([charge('2026-01-09', 5), ...charges])).toMatchObject([
      { type: 'new_recurring', day: '2026-11-05', subject: charges[0]?.expenseId },
    ]);
  });
});

const anomaly = (facts: Partial<Anomaly> = {}): Anomaly => ({
  type: 'unusual_amount',
  subject: 'a',
  expenseId: 'a',
  day: '2026-11-09',
  merchantKey: 'SHOP',
  merchant: 'Shop',
  categoryId: 'food',
  currency: 'USD',
  amountMinor: 40000n,
  expectedMinor: 2000n,
  details: { basis: 'merchant', since: '2026-01-03' },
  ...facts,
});
const known = (facts: Partial<KnownAnomaly> = {}): KnownAnomaly => ({
  id: 'row',
  type: 'unusual_amount',
  subject: 'before',
  day: '2026-10-01',
  merchantKey: 'SHOP',
  currency: 'USD',
  amountMinor: 30000n,
  isOpen: true,
  verdict: null,
  decidedOn: null,
  ...facts,
});
const judged = { from: '2026-09-11', today, choices: null };
const inserted = (found: Anomaly[], rows: KnownAnomaly[]) => reconcileAnomalies(found, rows, judged).insert;

describe('a found anomaly', () => {
  test.each<[string, Partial<Anomaly>, boolean, boolean]>([
    ['of the last seven days is told', { day: '2026-11-03' }, false, true],
    ['older than seven days is late', { day: '2026-11-02' }, true, false],
    [
      'that is a missed charge counts from the end of its tolerance',
      { type: 'missed_charge', day: '2026-10-28', details: { cadence: 'monthly' } },
      false,
      true,
    ],
  ])('%s', (_name, facts, isLate, isTold) => {
    expect(inserted([anomaly(facts)], [])).toMatchObject([{ isLate, isTold }]);
  });

  test('of a type that is switched off is listed and not told', () => {
    const { insert } = reconcileAnomalies([anomaly()], [], { ...judged, choices: { unusual_amount: false } });
    expect(insert).toMatchObject([{ isLate: false, isTold: false }]);
  });

  test('is written once, and the row follows what is found', () => {
    const row = known({ subject: 'a', day: '2026-11-09' });
    expect(reconcileAnomalies([anomaly()], [row], judged)).toEqual({
      insert: [],
      update: [{ id: 'row', anomaly: anomaly() }],
      close: [],
    });
  });

  test.each<[string, Partial<KnownAnomaly>, number]>([
    ['is left out within a week of another', { day: '2026-11-03' }, 0],
    ['comes a week after another', { day: '2026-11-02' }, 1],
    ['is left out where as much was expected', { verdict: 'expected', amountMinor: 40000n }, 0],
    ['comes where less was expected', { verdict: 'expected', amountMinor: 39999n }, 1],
    [
      'comes where it was expected elsewhere',
      { verdict: 'expected', amountMinor: 40000n, merchantKey: 'X' },
      1,
    ],
    ['comes after one wrong verdict', { verdict: 'wrong', decidedOn: '2026-11-01' }, 1],
  ])('%s', (_name, facts, count) => {
    expect(inserted([anomaly()], [known(facts)])).toHaveLength(count);
  });

  test('is left out for six months after the second wrong verdict of its type', () => {
    const wrong = (id: string, decidedOn: string) => known({ id, subject: id, verdict: 'wrong', decidedOn });
    expect(inserted([anomaly()], [wrong('x', '2026-05-11'), wrong('y', '2026-06-01')])).toEqual([]);
    expect(inserted([anomaly()], [wrong('x', '2026-05-10'), wrong('y', '2026-06-01')])).toHaveLength(1);
  });

  test('that is not found again is closed, unless it is older than what is judged', () => {
    const rows = [known({ id: 'gone' }), known({ id: 'old', day: '2026-09-01' })];
    expect(reconcileAnomalies([], rows, judged).close).toEqual(['gone']);
  });
});

describe('the sentence of an anomaly', () => {
  const reader = { locale: 'en', today };
  const details = { cadence: 'monthly' as const };
  test.each<[Partial<Anomaly>, string]>([
    [
      {},
      '$400.00 at Shop on November 9, 2026 is the largest charge of its category since January 3, 2026. Usual there is about $20.00.',
    ],
    [
      { type: 'duplicate_charge', details: { otherDay: '2026-11-09' } },
      'Shop charged $400.00 twice on November 9, 2026. If you bought once, ask there for a refund.',
    ],
    [
      { type: 'price_increase', details: { ...details, charges: 2 }, amountMinor: 2200n },
      'Shop has charged $22.00 since November 9, 2026, and $20.00 before. That is $24.00 more a year.',
    ],
    [
      { type: 'missed_charge', details },
      'Shop was expected to charge about $400.00 on November 9, 2026, and has not. It may have ended, or a payment may have failed.',
    ],
    [
      { type: 'new_recurring', details },
      'Shop charges about $400.00 every month. The charge of November 9, 2026 made it one.',
    ],
  ])('of %o names the figures', (facts, sentence) => {
    expect(anomalyMessage(anomalyFacts('id', anomaly(facts)), reader).text).toBe(sentence);
  });
});
