/** The replay of a rule over past expenses: what becomes of each level, as a table. */
import { describe, expect, test } from 'vitest';
import { type Rule, ruleDefaults } from '../../../src/alerts/decide/rule.ts';
import { defaultDigest } from '../../../src/notify/decide/digest.ts';
import type { Recipient } from '../../../src/notify/decide/policy.ts';
import { type Past, replayRule } from '../../../src/notify/decide/preview/replay-rule.ts';
import { defaultQuietHours } from '../../../src/notify/decide/quiet-hours.ts';
import type { Forecast } from '../../../src/values/forecast.ts';

const awake = { ...defaultQuietHours, enabled: false };

const person: Recipient = {
  tenantId: 't',
  tenantName: 'Test',
  userId: 'p1',
  locale: 'en',
  timeZone: 'UTC',
  snoozeUntil: null,
  criticalInterrupts: true,
  quietHours: awake,
  skip: { email: null, sms: 'no_address', push: 'no_address' },
  digest: defaultDigest,
  maxPerDay: null,
  lastDigestDay: null,
  unsubscribeKey: 'k',
};

const rule: Rule = {
  ...ruleDefaults,
  tenantId: 't',
  id: '',
  userId: 'p1',
  name: 'budget',
  budgetMinor: 100n,
  currency: 'USD',
  thresholds: [
    { percent: 80, severity: 'info' },
    { percent: 100, severity: 'danger' },
  ],
  forecastThresholds: [],
  channels: ['in-app', 'email'],
};

type Spent = readonly [at: string, ...deltas: bigint[]];
type Changes = { rule?: Partial<Rule>; person?: Partial<Recipient>; forecast?: Forecast };

/** Runs the replay to its end; days of the year are written like `10-03T12:00`. */
function replay(spent: readonly Spent[], { forecast, ...changes }: Changes = {}) {
  const past: Past = {
    rule: { ...rule, ...changes.rule },
    person: { ...person, ...changes.person },
    firstDay: '2026-10-15',
    spending: spent.map(([at, ...deltasMinor]) => ({
      at: Temporal.Instant.from(`2026-${at}Z`),
      day: `2026-${at.slice(0, 5)}`,
      deltasMinor,
    })),
    forecastOn: function* () {
      yield;
      return forecast ?? null;
    },
    now: Temporal.Instant.from('2026-11-20T12:00:00Z'),
  };
  const work = replayRule(past);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

const linesOf = ({ alerts }: ReturnType<typeof replay>) =>
  alerts.map(
    ({ at, level, basis, outcome, spentMinor }) =>
      `${at.toString().slice(5, 16)} ${basis === 'forecast' ? '~' : ''}${level} ${outcome} ${spentMinor}`,
  );

const forecast = (...remaining: bigint[]): Forecast => ({
  spentMinor: 0n,
  remainingMinor: remaining,
  billsMinor: 0n,
});
const nothingLeft = forecast(0n, 0n, 0n);
const muchLeft = forecast(200n, 210n, 220n);
const forecastLevel = [{ percent: 100, severity: 'warning' as const }];

describe('a replay', () => {
  test.each<[string, readonly Spent[], Changes, string[], number]>([
    ['opens a level that is reached', [['10-03T12:00', 80n]], {}, ['10-03T12:00 80 notified 80'], 1],
    ['opens nothing below it', [['10-03T12:00', 79n]], {}, [], 0],
    [
      'takes expenses of one instant as one evaluation',
      [['10-03T12:00', 85n, 20n]],
      {},
      ['10-03T12:00 80 superseded 85', '10-03T12:00 100 notified 105'],
      1,
    ],
    [
      'defers in quiet hours, and tells in the morning what still holds',
      [['10-03T21:00', 85n]],
      { person: { quietHours: defaultQuietHours } },
      ['10-03T21:00 80 deferred 85'],
      1,
    ],
    [
      'tells nothing in the morning that holds no more',
      [
        ['10-03T21:00', 85n],
        ['10-03T22:00', -10n],
      ],
      { person: { quietHours: defaultQuietHours } },
      ['10-03T21:00 80 deferred 85'],
      0,
    ],
    [
      'caps what is beyond the quota, whose last slot is for danger',
      [['10-03T12:00', 85n]],
      { rule: { maxNotificationsPerDay: 1 }, person: { maxPerDay: 0 } },
      ['10-03T12:00 80 capped 85'],
      0,
    ],
    [
      'lets a digest tell what was capped, and its cooldown begins then',
      [
        ['10-03T12:00', 85n],
        ['10-04T08:40', -10n],
        ['10-04T08:50', 10n],
      ],
      { person: { maxPerDay: 0 } },
      ['10-03T12:00 80 capped 85', '10-04T08:50 80 deduplicated 85', '10-04T09:30 80 capped 85'],
      0,
    ],
    [
      'lets no digest tell what has fallen',
      [
        ['10-03T12:00', 85n],
        ['10-03T12:10', -10n],
        ['10-04T08:50', 10n],
      ],
      { person: { maxPerDay: 0 } },
      ['10-03T12:00 80 capped 85', '10-04T08:50 80 capped 85'],
      0,
    ],
    [
      'tells of the forecast and of a level in one message, where one expense opens both',
      [['10-03T12:00', 85n]],
      {
        forecast: forecast(50n, 50n, 50n),
        rule: { forecastThresholds: [{ percent: 100, severity: 'warning' }] },
      },
      ['10-03T12:00 80 grouped 85', '10-03T12:00 ~100 notified 85'],
      1,
    ],
    [
      'tells a level that opened again once its cooldown has ended',
      [
        ['10-03T12:00', 85n],
        ['10-03T12:10', -10n],
        ['10-03T12:20', 10n],
      ],
      {},
      ['10-03T12:00 80 notified 85', '10-03T12:20 80 deduplicated 85', '10-03T13:00 80 notified 85'],
      2,
    ],
    [
      'counts a recovery as a message',
      [
        ['10-03T12:00', 85n],
        ['10-03T12:10', -10n],
      ],
      { rule: { notifyOnRecovery: true } },
      ['10-03T12:00 80 notified 85'],
      2,
    ],
    [
      'keeps a level in the app while the budget is on pace',
      [['10-03T12:00', 85n]],
      { forecast: nothingLeft },
      ['10-03T12:00 80 on_pace 85'],
      0,
    ],
    [
      'tells every level of a rule that asks for it',
      [['10-03T12:00', 85n]],
      { forecast: nothingLeft, rule: { everyLevel: true } },
      ['10-03T12:00 80 notified 85'],
      1,
    ],
    [
      'keeps all of a muted rule in the app',
      [['10-03T12:00', 85n]],
      { rule: { notificationsEnabled: false } },
      ['10-03T12:00 80 muted 85'],
      0,
    ],
    ['tells nothing of a rule that is off', [['10-03T12:00', 85n]], { rule: { isActive: false } }, [], 0],
    [
      'ends a period with its last day',
      [
        ['10-31T12:00', 85n],
        ['11-01T12:00', 85n],
      ],
      {},
      ['10-31T12:00 80 notified 85', '11-01T12:00 80 notified 85'],
      2,
    ],
    [
      'carries over what is left',
      [
        ['10-03T12:00', 20n],
        ['11-01T12:00', 140n],
        ['11-02T12:00', 10n],
      ],
      { rule: { rollover: 'unspent' } },
      ['11-02T12:00 80 notified 150'],
      1,
    ],
  ])('%s', (_name, spent, changes, lines, interruptions) => {
    const result = replay(spent, changes);
    expect(linesOf(result)).toEqual(lines);
    expect(result.interruptions).toBe(interruptions);
  });

  test('opens a level of the forecast once in a period, at the beginning of a day', () => {
    const result = replay([['10-03T12:00', 5n]], {
      forecast: muchLeft,
      rule: { forecastThresholds: forecastLevel },
    });
    expect(linesOf(result)).toEqual(['10-01T00:00 ~100 notified 0', '11-01T00:00 ~100 notified 0']);
    expect(result.interruptions).toBe(2);
  });

  test('lists every period from the one that holds the first day, with its budget', () => {
    const { periods } = replay([['10-03T12:00', 120n]], { rule: { rollover: 'both' } });
    expect(periods).toEqual([
      { period: { start: '2026-10-01', end: '2026-11-01' }, spentMinor: 120n, budgetMinor: 100n },
      { period: { start: '2026-11-01', end: '2026-12-01' }, spentMinor: 0n, budgetMinor: 80n },
    ]);
  });
});
