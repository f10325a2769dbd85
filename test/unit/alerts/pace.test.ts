/** Levels below 100 % stay in the app while the budget will probably hold. */
import { describe, expect, test } from 'vitest';
import { rows, spend, type World } from '../../support/worlds/alerts/evaluations.ts';
import type { Forecast } from '../../../src/values/forecast.ts';

/** Made at 70.00 of 100.00; that more than 20.00 come has this probability, and 15.00 of bills are due. */
const ahead = (probability: number): Forecast => ({
  spentMinor: 7_000n,
  remainingMinor: Array.from({ length: 101 }, (_, index) =>
    index < 100 - probability * 100 ? 1_500n : 3_000n,
  ),
  billsMinor: 1_500n,
});
const from = 7_000n;
const thresholds = (severity: 'info' | 'critical') => [
  { percent: 80, severity } as const,
  { percent: 100, severity: 'danger' } as const,
];

describe('80 % of a budget', () => {
  test.each<[string, World, bigint[], string[]]>([
    ['is told without a forecast', { from }, [1_000n], ['80 notified']],
    [
      'is told if the budget will probably not hold',
      { from, forecast: ahead(0.5) },
      [1_000n],
      ['80 notified'],
    ],
    ['stays in the app if it probably will', { from, forecast: ahead(0.49) }, [1_000n], ['80 on_pace']],
    ['stays in the app after a bill that was due', { from, forecast: ahead(0.2) }, [1_500n], ['80 on_pace']],
    [
      'is told if the person asked for every level',
      { from, forecast: ahead(0), rule: { everyLevel: true } },
      [1_000n],
      ['80 notified'],
    ],
    [
      'is told if it is critical',
      { from, forecast: ahead(0), rule: { thresholds: thresholds('critical') } },
      [1_000n],
      ['80 notified'],
    ],
    [
      'is told if no other level would speak later',
      {
        from,
        forecast: ahead(0),
        rule: { thresholds: thresholds('info').slice(0, 1), forecastThresholds: [] },
      },
      [1_000n],
      ['80 notified'],
    ],
    [
      'is muted rather than on pace',
      { from, forecast: ahead(0), rule: { notificationsEnabled: false } },
      [1_000n],
      ['80 muted'],
    ],
    [
      'stays in the app though the rule is snoozed',
      { from, forecast: ahead(0), isSnoozed: true },
      [1_000n],
      ['80 on_pace'],
    ],
    [
      'is superseded by 100 %, which is told',
      { from, forecast: ahead(0) },
      [3_000n],
      ['80 superseded', '95 superseded', '100 notified'],
    ],
  ])('%s', (_name, world, amounts, expected) => {
    expect(rows(spend(amounts, world))).toEqual(expected);
  });

  test('makes a silent notification while on pace, which nobody has heard', () => {
    const { alert } = spend([1_000n], { from, forecast: ahead(0) });
    expect(alert).toMatchObject({ level: 80, silenced: 'on_pace' });
  });
});
