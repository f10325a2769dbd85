import { describe, expect, test } from 'vitest';
import type { LevelState } from '../../../src/alerts/decide/evaluation.ts';
import { type CooldownInput, endCooldowns } from '../../../src/alerts/decide/end-cooldowns.ts';
import { ruleDefaults } from '../../../src/alerts/decide/rule.ts';

const noon = Temporal.Instant.from('2026-11-10T12:00:00Z');
const notifiedAt = noon.subtract({ minutes: 60 });

/** A level that opened again within the cooldown. */
const waiting = (level: number, until = noon): LevelState => ({
  level,
  isOpen: true,
  notifiedAt,
  alertedAt: null,
  hasAlert: false,
  isHeard: false,
  renotifyAt: until,
});
/** A level whose present opening was heard. */
const open = (level: number): LevelState => ({
  level,
  isOpen: true,
  notifiedAt,
  alertedAt: null,
  hasAlert: true,
  isHeard: true,
  renotifyAt: null,
});

const end = (states: LevelState[], world: Partial<CooldownInput> = {}) =>
  endCooldowns({
    rule: {
      budgetMinor: 10_000n,
      rollover: 'none',
      thresholds: ruleDefaults.thresholds,
      forecastThresholds: [],
      everyLevel: false,
      cooldownMinutes: 60,
      notificationsEnabled: true,
      notifyOnRecovery: false,
    },
    phase: 'current',
    isSnoozed: false,
    states,
    forecast: null,
    spentMinor: 10_000n,
    now: noon,
    ...world,
  });

describe('at the end of a cooldown', () => {
  test('a level still open is notified, with a second decision', () => {
    const { decisions, alert, states } = end([open(80), open(95), waiting(100)]);
    expect(decisions).toEqual([
      {
        level: 100,
        outcome: 'notified',
        spentMinor: 10_000n,
        expenseId: null,
        until: null,
        notifies: 'alert',
      },
    ]);
    expect(alert).toEqual({ level: 100, severity: 'danger', spentMinor: 10_000n, silenced: null });
    expect(states).toEqual([{ level: 100, isOpen: true, renotifyAt: null }]);
  });

  test.each<[string, LevelState[], Partial<CooldownInput>, string[]]>([
    [
      'a cooldown that ends a nanosecond later stays as it is',
      [waiting(80, noon.add({ nanoseconds: 1 }))],
      {},
      [],
    ],
    ['a cooldown that ended an hour ago is notified now', [waiting(80, notifiedAt)], {}, ['80 notified']],
    ['a level that fell again has no decision', [{ ...waiting(80), isOpen: false }], {}, []],
    [
      'a level below an open one that was heard is superseded',
      [waiting(80), open(100)],
      {},
      ['80 superseded'],
    ],
    [
      'a level below an open one that nobody has heard is notified',
      [waiting(80), { ...open(100), isHeard: false }],
      {},
      ['80 notified'],
    ],
    [
      'the level that waited with one that fell is notified',
      [waiting(80), { ...waiting(100), isOpen: false }],
      {},
      ['80 notified'],
    ],
    [
      'a level that was heard again meanwhile waits on',
      [{ ...waiting(80), notifiedAt: noon.subtract({ minutes: 30 }) }],
      {},
      [],
    ],
    [
      'of two levels the higher is notified',
      [waiting(80), waiting(100)],
      {},
      ['80 superseded', '100 notified'],
    ],
    ['a level is notified within the grace of the period', [waiting(80)], { phase: 'past' }, ['80 notified']],
    ['a level of a closed period is not notified', [waiting(80)], { phase: 'closed' }, ['80 past_period']],
  ])('%s', (_name, states, world, decisions) => {
    const evaluation = end(states, world);
    expect(evaluation.decisions.map(({ level, outcome }) => `${level} ${outcome}`)).toEqual(decisions);
    expect(evaluation.alert?.level ?? null).toBe(
      decisions.some((decision) => decision.endsWith('notified'))
        ? Number(decisions.at(-1)?.split(' ')[0])
        : null,
    );
  });

  test('a level of a rule muted meanwhile is in the app alone', () => {
    const rule = { ...ruleDefaults, budgetMinor: 10_000n, notificationsEnabled: false };
    const { decisions, alert, states } = end([waiting(80)], { rule });
    expect(decisions).toMatchObject([{ outcome: 'muted', notifies: 'alert' }]);
    expect(alert).toMatchObject({ silenced: 'muted' });
    expect(states).toMatchObject([{ isOpen: true, renotifyAt: null }]);
  });

  test('of the levels that waited the most severe is notified, not the highest', () => {
    const thresholds = [
      { percent: 90, severity: 'critical' as const },
      { percent: 100, severity: 'info' as const },
    ];
    const rule = { ...ruleDefaults, budgetMinor: 10_000n, thresholds };
    const { decisions, alert } = end([waiting(90), waiting(100)], { rule });
    expect(decisions.map(({ level, outcome }) => `${level} ${outcome}`)).toEqual([
      '90 notified',
      '100 superseded',
    ]);
    expect(alert).toMatchObject({ level: 90, severity: 'critical' });
  });

  test('a level whose own cooldown runs on waits until it ends', () => {
    const heardAgain = { ...waiting(80), notifiedAt: noon.subtract({ minutes: 30 }) };
    const { states } = end([heardAgain]);
    expect(states).toEqual([{ level: 80, isOpen: true, renotifyAt: noon.add({ minutes: 30 }) }]);
  });

  test('no level waits any longer, whatever its outcome', () => {
    const evaluations = [
      end([waiting(80)]),
      end([waiting(80), open(95)]),
      end([waiting(80)], { phase: 'closed' }),
    ];
    expect(evaluations.flatMap(({ states }) => states.map(({ renotifyAt }) => renotifyAt))).toEqual([
      null,
      null,
      null,
    ]);
  });

  test('a decision "notified" has its notification, also if the level was removed from the rule', () => {
    const rule = { ...ruleDefaults, budgetMinor: 10_000n, thresholds: ruleDefaults.thresholds.slice(0, 2) };
    const { decisions, alert } = end([open(80), open(95), waiting(100)], { rule, phase: 'past' });
    expect(decisions.some(({ outcome }) => outcome === 'notified')).toBe(alert !== null);
  });
});
