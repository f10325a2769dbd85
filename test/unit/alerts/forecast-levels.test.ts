/** Forecast levels: when they open and resolve, and which of them is told. */
import { describe, expect, test } from 'vitest';
import {
  type ForecastInput,
  type ForecastState,
  judgeForecasts,
} from '../../../src/alerts/decide/forecast-levels.ts';

const november = { start: '2026-11-01', end: '2026-12-01' };
const october = { start: '2026-10-01', end: '2026-11-01' };

/** 50.00 of 100.00 spent. Reaching 100.00 has this probability; more than 150.00 never comes. */
const ahead = (probability: number) => ({
  spentMinor: 5_000n,
  remainingMinor: Array.from({ length: 101 }, (_, index) => (index < 100 - probability * 100 ? 0n : 10_000n)),
  billsMinor: 0n,
});
const state = (level: number, others: Partial<ForecastState> = {}): ForecastState => ({
  level,
  period: november,
  isOpen: true,
  isTold: true,
  ...others,
});

function judged(others: Partial<ForecastInput> & { rule?: ForecastInput['rule'] }): string[] {
  const decisions = judgeForecasts({
    rule: budget([100]),
    isSnoozed: false,
    period: november,
    forecast: ahead(0.9),
    spentMinor: 5_000n,
    states: [],
    ...others,
  });
  return decisions.map(
    ({ level, outcome, notifies }) => `${level} ${outcome}${notifies ? `, told ${notifies.severity}` : ''}`,
  );
}

const budget = (levels: number[], notificationsEnabled = true): ForecastInput['rule'] => ({
  budgetMinor: 10_000n,
  notificationsEnabled,
  forecastThresholds: levels.map((percent) => ({
    percent,
    severity: percent > 100 ? ('danger' as const) : ('warning' as const),
  })),
});

describe('a forecast level', () => {
  test.each<[string, Parameters<typeof judged>[0], string[]]>([
    ['opens from 80 % on', { forecast: ahead(0.8) }, ['100 notified, told warning']],
    ['stays closed below 80 %', { forecast: ahead(0.79) }, []],
    ['stays closed without a forecast', { forecast: null }, []],
    ['stays open down to 50 %', { forecast: ahead(0.5), states: [state(100)] }, []],
    ['resolves below 50 %', { forecast: ahead(0.49), states: [state(100)] }, ['100 resolved']],
    [
      'resolves where there is no forecast any more',
      { forecast: null, states: [state(100)] },
      ['100 resolved'],
    ],
    ['does not open once spending has reached it', { spentMinor: 10_000n }, []],
    [
      'resolves once spending has reached it',
      { spentMinor: 10_000n, states: [state(100)] },
      ['100 resolved'],
    ],
    ['is not told twice in a period', { states: [state(100, { isOpen: false })] }, ['100 deduplicated']],
    [
      'is told if what told it before was withdrawn',
      { states: [state(100, { isOpen: false, isTold: false })] },
      ['100 notified, told warning'],
    ],
    [
      'resolves with its period, and opens in the next',
      { states: [state(100, { period: october })] },
      ['100 resolved', '100 notified, told warning'],
    ],
    [
      'that the rule does not have any more is closed',
      { rule: budget([120]), forecast: ahead(0.1), states: [state(100)] },
      ['100 rule_changed'],
    ],
    ['of a muted rule is in the app alone', { rule: budget([100], false) }, ['100 muted, told warning']],
    ['of a snoozed rule waits', { isSnoozed: true }, ['100 snoozed, told warning']],
    [
      'is superseded by a more severe one that opens with it',
      { rule: budget([100, 120]) },
      ['100 superseded', '120 notified, told danger'],
    ],
    [
      'is superseded by a higher one that was told',
      { rule: budget([100, 120]), states: [state(120)] },
      ['100 superseded'],
    ],
  ])('%s', (_name, input, expected) => {
    expect(judged(input)).toEqual(expected);
  });
});
