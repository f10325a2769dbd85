import { describe, expect, test } from 'vitest';
import type { LevelState } from '../../../src/alerts/decide/alert.ts';
import { type CooldownInput, endCooldowns } from '../../../src/alerts/decide/cooldown.ts';
import { ruleDefaults } from '../../../src/alerts/decide/rule.ts';

const noon = Temporal.Instant.from('2026-11-10T12:00:00Z');
const told = noon.subtract({ minutes: 60 });

/** Open again since before the hour was over. */
const held = (level: number, until = noon): LevelState => ({
  level,
  isOpen: true,
  notifiedAt: told,
  renotifyAt: until,
});
const open = (level: number): LevelState => ({ level, isOpen: true, notifiedAt: told, renotifyAt: null });

const end = (states: LevelState[], world: Partial<CooldownInput> = {}) =>
  endCooldowns({
    rule: {
      budgetMinor: 10_000n,
      thresholds: ruleDefaults.thresholds,
      cooldownMinutes: 60,
      notificationsEnabled: true,
      notifyOnRecovery: false,
    },
    phase: 'current',
    isSnoozed: false,
    states,
    spentMinor: 10_000n,
    now: noon,
    ...world,
  });

describe('when a cooldown ends', () => {
  test('a level still open is told, in a second row', () => {
    const { decisions, alert, states } = end([open(80), open(95), held(100)]);
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
    expect(states).toEqual([{ level: 100, isOpen: true, notifiedAt: noon, renotifyAt: null }]);
  });

  test.each<[string, LevelState[], Partial<CooldownInput>, string[]]>([
    ['not a second too early', [held(80, noon.add({ nanoseconds: 1 }))], {}, []],
    ['late is soon enough', [held(80, told)], {}, ['80 notified']],
    ['fallen again: nothing', [{ ...held(80), isOpen: false }], {}, []],
    ['a higher level is open: that was told', [held(80), open(100)], {}, ['80 superseded']],
    ['two end together: the higher is told', [held(80), held(100)], {}, ['80 superseded', '100 notified']],
    ['in the grace of the period', [held(80)], { phase: 'past' }, ['80 notified']],
    ['the period closed meanwhile', [held(80)], { phase: 'closed' }, ['80 past_period']],
  ])('%s', (_name, states, world, decisions) => {
    const evaluation = end(states, world);
    expect(evaluation.decisions.map(({ level, outcome }) => `${level} ${outcome}`)).toEqual(decisions);
    expect(evaluation.alert?.level ?? null).toBe(
      decisions.some((decision) => decision.endsWith('notified'))
        ? Number(decisions.at(-1)?.split(' ')[0])
        : null,
    );
  });

  test('a rule muted meanwhile tells in the app alone', () => {
    const rule = { ...ruleDefaults, budgetMinor: 10_000n, notificationsEnabled: false };
    const { decisions, alert, states } = end([held(80)], { rule });
    expect(decisions).toMatchObject([{ outcome: 'muted', notifies: 'alert' }]);
    expect(alert).toMatchObject({ silenced: 'muted' });
    expect(states).toMatchObject([{ notifiedAt: told, renotifyAt: null }]);
  });

  test('whatever becomes of it, nothing is held any more', () => {
    const evaluations = [end([held(80)]), end([held(80), open(95)]), end([held(80)], { phase: 'closed' })];
    expect(evaluations.flatMap(({ states }) => states.map(({ renotifyAt }) => renotifyAt))).toEqual([
      null,
      null,
      null,
    ]);
  });

  test('a decision that says "notified" has its notification, also where the level was taken off the rule', () => {
    const rule = { ...ruleDefaults, budgetMinor: 10_000n, thresholds: ruleDefaults.thresholds.slice(0, 2) };
    const { decisions, alert } = end([open(80), open(95), held(100)], { rule, phase: 'past' });
    expect(decisions.some(({ outcome }) => outcome === 'notified')).toBe(alert !== null);
  });
});
