/** A forecast as a distribution: what it says of an amount, and how it goes with what was spent since. */
import { describe, expect, test } from 'vitest';
import { endAt, type Forecast, probabilityOfReaching, rangeOf } from '../../../src/values/forecast.ts';

/** 100.00 spent, and 0.00 to 100.00 to come, each as likely, of which 30.00 are bills. */
const even: Forecast = {
  spentMinor: 10_000n,
  remainingMinor: Array.from({ length: 101 }, (_, index) => BigInt(index * 100)),
  billsMinor: 3_000n,
};
const nothing: Forecast = { spentMinor: 10_000n, remainingMinor: [0n, 0n, 0n], billsMinor: 0n };
const maybe: Forecast = { spentMinor: 0n, remainingMinor: [0n, 0n, 0n, 500n, 500n], billsMinor: 0n };

describe('the probability of an amount', () => {
  test.each<[string, Forecast, bigint, bigint, number]>([
    ['that is spent already is one', even, 10_000n, 10_000n, 1],
    ['in the middle is a half', even, 10_000n, 15_000n, 0.5],
    ['between two quantiles is in proportion', even, 10_000n, 15_050n, 0.495],
    ['at the highest is none of a rising distribution', even, 10_000n, 20_000n, 0],
    ['beyond the highest is none', even, 10_000n, 20_001n, 0],
    ['just above the spending is none where nothing comes', nothing, 10_000n, 10_001n, 0],
    ['at the end of a step of the distribution counts what comes there', maybe, 0n, 500n, 0.25],
    ['after a bill that was due is as before', even, 13_000n, 15_000n, 0.5],
    ['after a purchase beyond the bills is higher', even, 15_000n, 17_000n, 0.5],
    ['after a refund is lower', even, 8_000n, 15_000n, 0.3],
  ])('%s', (_name, forecast, spentMinor, targetMinor, expected) => {
    expect(probabilityOfReaching(forecast, { spentMinor, targetMinor })).toBeCloseTo(expected, 10);
  });

  test('falls as the amount rises', () => {
    const at = (targetMinor: bigint) => probabilityOfReaching(maybe, { spentMinor: 0n, targetMinor });
    const all = Array.from({ length: 700 }, (_, index) => at(BigInt(index)));
    expect(all.toSorted((one, other) => other - one)).toEqual(all);
  });
});

describe('the range', () => {
  test('holds eight of ten endings', () => {
    expect(rangeOf(even, 10_000n)).toEqual({ lowMinor: '11000', highMinor: '19000' });
    expect(endAt(even, 0.5, 10_000n)).toBe(15_000n);
  });

  test('never lies below what is spent', () => {
    expect(rangeOf(even, 12_000n)).toEqual({ lowMinor: '12000', highMinor: '19000' });
  });
});
