import { describe, expect, test } from 'vitest';
import type { LevelState } from '../../../src/alerts/decide/evaluation.ts';
import {
  fallen,
  minutesAgo,
  noon,
  open,
  unheard,
  closed,
  type World,
  spend,
  rows,
} from '../../support/worlds/alerts/evaluations.ts';

describe('the level that speaks', () => {
  const thresholds = [
    { percent: 90, severity: 'critical' as const },
    { percent: 100, severity: 'info' as const },
    { percent: 120, severity: 'critical' as const },
  ];

  test('is the most severe of those that open, not the highest', () => {
    const evaluation = spend([11_000n], { rule: { thresholds } });
    expect(rows(evaluation)).toEqual(['90 notified', '100 superseded']);
    expect(evaluation.alert).toMatchObject({ level: 90, severity: 'critical', spentMinor: 11_000n });
  });

  test('is the highest of the most severe', () => {
    expect(rows(spend([12_000n], { rule: { thresholds } }))).toEqual([
      '90 superseded',
      '100 superseded',
      '120 notified',
    ]);
  });

  test.each<[string, LevelState]>([
    ['has fallen', { ...fallen(80), alertedAt: minutesAgo(10) }],
    ['falls in the same batch', { ...unheard(80), alertedAt: minutesAgo(10) }],
  ])('waits if it %s and its alert is still on its way', (_name, state) => {
    const from = state.isOpen ? 8000n : 0n;
    const steps = state.isOpen ? [-1n, 1n] : [8000n];
    const evaluation = spend(steps, { from, states: [state] });
    expect(evaluation.decisions.at(-1)).toMatchObject({
      outcome: 'deduplicated',
      until: noon.add({ minutes: 50 }),
    });
    expect(evaluation.alert).toBeNull();
  });

  test('is none where a higher open level was heard', () => {
    const world = { rule: { thresholds }, from: 11_000n, states: [open(100, minutesAgo(90))] };
    expect(rows(spend([0n], world))).toEqual(['90 superseded']);
  });

  test('is one of its own where nobody has heard of the higher open level', () => {
    const world = { rule: { thresholds }, from: 11_000n, states: [unheard(100)] };
    expect(rows(spend([0n], world))).toEqual(['90 notified']);
  });

  test('is a superseded one once the level that spoke for it falls unheard', () => {
    const states = [open(80), open(95), unheard(100)];
    const evaluation = spend([-1n], { from: 10_000n, states });
    expect(rows(evaluation)).toEqual(['100 resolved', '95 notified']);
    expect(evaluation.alert).toMatchObject({ level: 95, severity: 'warning', spentMinor: 9999n });
    expect(evaluation.states).toEqual([closed(100), { level: 95, isOpen: true, renotifyAt: null }]);
  });

  test.each<[string, World]>([
    ['was heard', { states: [open(80), open(95), open(100, minutesAgo(90))] }],
    ['fell by the edit of its person', { states: [open(80), open(95), unheard(100)], cause: 'edit' }],
    [
      'belongs to a muted rule',
      { states: [open(80), open(95), unheard(100)], rule: { notificationsEnabled: false } },
    ],
  ])('is no superseded one if the level that falls %s', (_name, world) => {
    expect(rows(spend([-1n], { from: 10_000n, ...world }))).toEqual(['100 resolved']);
  });
});
