/**
 * The figures of benchmarks before rounding, compared with certified and published ones. Random cohorts are also
 * compared with a second computation in fractions.
 */
import * as fc from 'fast-check';
import { sql as statement } from 'kysely';
import { describe, expect, test, vi } from 'vitest';
import { minorDigits } from '../../../src/values/money.ts';
import { Rates } from '../../../src/values/fx.ts';
import { CohortWorld, october, spenders, type Spent } from '../../support/worlds/cohort-world.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import { lew, lottery, mavro, michelson } from '../../support/reference/certified-figures.ts';

const { db, sql: owner } = await databaseOfFile();

async function readFigures(amounts: readonly bigint[]) {
  const made = await CohortWorld.make(db);
  await made.spend(...amounts.map((minor, index) => ({ userId: `p${index}`, minor })));
  await made.compute();
  return made.benchmark();
}

/** Rounds a decimal to `count` significant digits. */
const digits = (text: string | null, count: number): string => Number(text).toPrecision(count);

/**
 * NIST Statistical Reference Datasets, univariate summary statistics, in minor units of their last digit.
 * Benchmarks leave out figures that are not above zero, so those of Lew are moved by a thousand.
 * https://www.itl.nist.gov/div898/strd/univ/homepage.html
 */
describe('the certified figures of NIST', () => {
  test.each([lottery, lew, mavro, michelson])(
    'for $name are the mean and deviation of a benchmark',
    async ({ values, mean, standardDeviation }) => {
      const { cohort_size, mean: found, standard_deviation } = await readFigures(values);
      expect(cohort_size).toBe(values.length);
      expect(digits(found, 15)).toBe(digits(mean, 15));
      expect(digits(standard_deviation, 14)).toBe(digits(standardDeviation, 14));
    },
  );

  test('for NumAcc1 (10000001, 10000003, 10000002) are the mean and deviation of a benchmark', async () => {
    const { mean, standard_deviation } = await readFigures([10_000_001n, 10_000_003n, 10_000_002n]);
    expect([Number(mean), Number(standard_deviation)]).toEqual([10_000_002, 1]);
  });
});

/** `quantile(x, type = 7)` of R and `numpy.percentile(x, method = 'linear')`, both defaults, give the same. */
describe('the percentiles of a benchmark', () => {
  const percentiles = async (amounts: readonly bigint[]) => {
    const { p10, p25, median, p75, p90 } = await readFigures(amounts);
    return [p10, p25, median, p75, p90].map(Number);
  };

  test.each([
    ['1 to 10', [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n], [1.9, 3.25, 5.5, 7.75, 9.1]],
    ['1 to 5', [1n, 2n, 3n, 4n, 5n], [1.4, 2, 3, 4, 4.6]],
    ['NumPy’s example, 10 7 4 3 2 1', [10n, 7n, 4n, 3n, 2n, 1n], [1.5, 2.25, 3.5, 6.25, 8.5]],
    ['one figure alone', [7n], [7, 7, 7, 7, 7]],
    ['two figures', [10n, 20n], [11, 12.5, 15, 17.5, 19]],
    [
      'R’s lengths of rivers, the first ten',
      [735n, 320n, 325n, 392n, 524n, 450n, 1459n, 135n, 465n, 600n],
      [301.5, 341.75, 457.5, 581, 807.4],
    ],
  ])('are exact for %s', async (_name, amounts, expected) => {
    expect(await percentiles(amounts)).toEqual(expected);
  });

  test('for one person come without a standard deviation', async () => {
    expect((await readFigures([7n])).standard_deviation).toBeNull();
  });
});

/** A fraction with a denominator above zero. */
type Fraction = [numerator: bigint, denominator: bigint];

/** Sorts in JavaScript, independently of the database. */
const sorted = (values: readonly bigint[]): bigint[] =>
  values.toSorted((one, other) => (one < other ? -1 : Number(one > other)));

function quantile(values: readonly bigint[], percent: bigint): Fraction {
  const steps = BigInt(values.length - 1) * percent;
  const below = values[Number(steps / 100n)] ?? 0n;
  const above = values[Number(steps / 100n) + 1] ?? below;
  return [below * 100n + (above - below) * (steps % 100n), 100n];
}

/** The sample variance. */
function variance(values: readonly bigint[]): Fraction {
  const count = BigInt(values.length);
  const sum = values.reduce((total, value) => total + value, 0n);
  const squares = values.reduce((total, value) => total + (value * count - sum) ** 2n, 0n);
  return [squares, count * count * (count - 1n)];
}

const places = 10n ** 20n;
const scale = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.slice(0, 20).padEnd(20, '0'));
};
const isExactly = (text: string, [numerator, denominator]: Fraction): boolean =>
  scale(text) * denominator === numerator * places;
/** True within one unit of the twentieth decimal. */
const isDivided = (text: string, [numerator, denominator]: Fraction): boolean => {
  const off = scale(text) * denominator - numerator * places;
  return (off < 0n ? -off : off) <= denominator;
};
/** True for the square root, to fifteen digits. */
const isRoot = (text: string, [numerator, denominator]: Fraction): boolean => {
  const off = scale(text) ** 2n * denominator - numerator * places ** 2n;
  return (off < 0n ? -off : off) * 10n ** 15n <= 2n * numerator * places ** 2n;
};

const rates = new Rates([
  { date: '2026-10-01', base: 'USD', currency: 'EUR', rate: '0.9137' },
  { date: '2026-10-01', base: 'USD', currency: 'JPY', rate: '151.23' },
  { date: '2026-10-04', base: 'EUR', currency: 'KWD', rate: '0.3345' },
  { date: '2026-10-04', base: 'EUR', currency: 'USD', rate: '1.0944' },
]);

const expense = fc.record({
  userId: fc.integer({ min: 1, max: 14 }).map((place) => `p${place}`),
  minor: fc.oneof(fc.bigInt(-5000n, 90_000n), fc.constantFrom(100n, 500n, 10n ** 14n)),
  category: fc.constantFrom('food', 'snacks', 'rent'),
  day: fc.constantFrom('2026-09-30', '2026-10-01', '2026-10-05', '2026-10-20', '2026-10-31', '2026-11-01'),
  currency: fc.constantFrom('USD', 'USD', 'EUR', 'JPY', 'KWD'),
});

/** Each person's net spending of October by key in dollars. Food and snacks share a key; `p1` has opted out. */
function expectedSpending(spent: readonly Required<Spent>[]): Map<string, Map<string, bigint>> {
  const keys = new Map<string, Map<string, bigint>>();
  for (const { userId, minor, category, day, currency } of spent) {
    const dollars = rates.convert({ amountMinor: minor, currency, day }, 'USD');
    if (dollars === null || !day.startsWith('2026-10') || userId === 'p1') continue;
    const key = category === 'rent' ? 'rent' : 'eating';
    const people = keys.get(key) ?? new Map<string, bigint>();
    keys.set(key, people.set(userId, (people.get(userId) ?? 0n) + dollars));
  }
  for (const people of keys.values())
    for (const [userId, minor] of people) if (minor <= 0n) people.delete(userId);
  return new Map([...keys].filter(([, people]) => people.size > 0));
}

test('the figures of any cohort equal those computed in fractions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(expense, { minLength: 1, maxLength: 120 }), async (spent) => {
      const made = await CohortWorld.make(db);
      await made.spend(...spent);
      await made.counts('food', 'eating');
      await made.counts('snacks', 'eating');
      await made.consents('p1', false);
      await made.rate('2026-10-01', 'USD', 'EUR', '0.9137');
      await made.rate('2026-10-01', 'USD', 'JPY', '151.23');
      await made.rate('2026-10-04', 'EUR', 'KWD', '0.3345');
      await made.rate('2026-10-04', 'EUR', 'USD', '1.0944');
      await made.compute();
      const expected = expectedSpending(spent);
      const found = await made.benchmarks();
      expect(new Map(found.map(({ benchmark_key, cohort_size }) => [benchmark_key, cohort_size]))).toEqual(
        new Map([...expected].map(([key, people]) => [key, people.size])),
      );
      for (const row of found) await expectAgreement(made, row, expected.get(row.benchmark_key) ?? new Map());
    }),
    { numRuns: 60 },
  );
});

const isDeviation = (text: string | null, values: readonly bigint[]): boolean =>
  values.length === 1 ? text === null : text !== null && isRoot(text, variance(values));

type Row = Awaited<ReturnType<CohortWorld['benchmark']>>;

async function expectAgreement(made: CohortWorld, row: Row, people: Map<string, bigint>): Promise<void> {
  const values = sorted([...people.values()]);
  const count = BigInt(values.length);
  const sum = values.reduce((total, value) => total + value, 0n);
  expect(isDivided(row.mean, [sum, count])).toBe(true);
  for (const [text, percent] of [
    [row.p10, 10n],
    [row.p25, 25n],
    [row.median, 50n],
    [row.p75, 75n],
    [row.p90, 90n],
  ] as const)
    expect(isExactly(text, quantile(values, percent))).toBe(true);
  expect(isDeviation(row.standard_deviation, values)).toBe(true);
  const ranks = await made.people(row.benchmark_key);
  expect(ranks).toHaveLength(values.length < 10 ? 0 : values.length);
  for (const { user_id, spent_minor, percentile_rank } of ranks) {
    const own = people.get(user_id) ?? 0n;
    expect(spent_minor).toBe(own.toString());
    const below = BigInt(values.filter((value) => value < own).length);
    const equal = BigInt(values.filter((value) => value === own).length);
    expect(isDivided(percentile_rank ?? '', [50n * (2n * below + equal), count])).toBe(true);
  }
}

describe('a cohort', () => {
  test('holds those who consented in a tenant that asks for consent', async () => {
    const made = await CohortWorld.make(db, { benchmarks: 'opt-in' });
    await made.spend(...spenders(12));
    expect(await made.compute()).toBe(0);
    for (const { userId } of spenders(10)) await made.consents(userId, true);
    await made.compute();
    expect((await made.benchmark()).cohort_size).toBe(10);
  });

  test('is counted in a currency without decimals as in others', async () => {
    const made = await CohortWorld.make(db, { currency: 'JPY' });
    expect(minorDigits('JPY')).toBe(0);
    await made.spend(...spenders(3).map((each) => ({ ...each, currency: 'JPY' })), ...spenders(5));
    await made.compute();
    expect(await made.benchmark()).toMatchObject({ cohort_size: 3, currency: 'JPY', median: '2000.00' });
  });

  test('holds nobody whose spending was refunded in full', async () => {
    const made = await CohortWorld.make(db);
    await made.spend(...spenders(4), { userId: 'p01', minor: -1000n }, { userId: 'p02', minor: -2001n });
    await made.compute();
    expect((await made.benchmark()).cohort_size).toBe(2);
  });

  test('holds nobody of another tenant', async () => {
    const [made, other] = [await CohortWorld.make(db), await CohortWorld.make(db)];
    await Promise.all([made.spend(...spenders(3)), other.spend(...spenders(5))]);
    await Promise.all([made.compute(), other.compute(), made.compute(october)]);
    expect([(await made.benchmark()).cohort_size, (await other.benchmark()).cohort_size]).toEqual([3, 5]);
  });
});

test('a benchmark run waits for another run of its tenant', async () => {
  const made = await CohortWorld.make(db);
  await made.spend(...spenders(12));
  const isWaiting = async () => {
    const { rows } = await statement`
      select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(owner);
    expect(rows).toHaveLength(1);
  };
  const run = await owner.transaction().execute(async (holding) => {
    await statement`select from tenants where id = ${made.tenantId} for no key update`.execute(holding);
    const started = made.compute();
    await vi.waitFor(isWaiting, { timeout: 20_000, interval: 10 });
    // Wrapped in an object, because a transaction waits for a promise that it returns.
    return { started };
  });
  expect(await run.started).toBe(1);
});

test('three benchmark runs at the same moment publish each benchmark once', async () => {
  const made = await CohortWorld.make(db);
  await made.spend(...spenders(12));
  const counts = await Promise.all([made.compute(), made.compute(), made.compute()]);
  expect(counts.toSorted()).toEqual([0, 0, 1]);
});
