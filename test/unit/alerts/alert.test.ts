import { describe, expect, test } from 'vitest';
import {
  noon,
  minutesAgo,
  open,
  unheard,
  fallen,
  closed,
  type World,
  spend,
  edit,
  rows,
  openIn,
} from '../../support/worlds/alerts/evaluations.ts';
import { ruleDefaults } from '../../../src/alerts/decide/rule.ts';

describe('rising spending', () => {
  test.each<[string, bigint[], string[]]>([
    ['below the lowest level opens nothing', [7999n], []],
    ['to one level notifies it', [8000n], ['80 notified']],
    ['to 99.99 % notifies 95', [9999n], ['80 superseded', '95 notified']],
    ['to the budget notifies 100', [10_000n], ['80 superseded', '95 superseded', '100 notified']],
    ['to 200 % opens four', [20_000n], ['80 superseded', '95 superseded', '100 superseded', '150 notified']],
    ['in steps notifies once', [8000n, 1500n, 500n], ['80 superseded', '95 superseded', '100 notified']],
  ])('%s', (_name, amounts, decisions) => {
    expect(rows(spend(amounts))).toEqual(decisions);
  });

  test('from zero to double the budget is one alert, at the highest level', () => {
    const { alert, recovery, decisions, spentMinor } = spend([20_000n]);
    expect(alert).toEqual({ level: 150, severity: 'critical', spentMinor: 20_000n, silenced: null });
    expect(recovery).toBeNull();
    expect(spentMinor).toBe(20_000n);
    expect(decisions.map(({ notifies }) => notifies)).toEqual([null, null, null, 'alert']);
  });

  test('names in each decision the expense and the spending at that step', () => {
    const { decisions } = spend([8000n, 1500n, 500n]);
    expect(decisions.map(({ expenseId, spentMinor }) => [expenseId, spentMinor])).toEqual([
      ['e1', 8000n],
      ['e2', 9500n],
      ['e3', 10_000n],
    ]);
  });

  test('leaves an open level open without notifying again', () => {
    const evaluation = spend([100n], { from: 8000n, states: [open(80, minutesAgo(300))] });
    expect(evaluation).toMatchObject({ decisions: [], states: [], alert: null, spentMinor: 8100n });
  });

  test('gives the same result for thresholds in any order', () => {
    const shuffled = [2, 0, 3, 1].flatMap((index) => ruleDefaults.thresholds[index] ?? []);
    expect(spend([20_000n], { rule: { thresholds: shuffled } })).toEqual(spend([20_000n]));
  });

  test('gives the alert the severity of its level', () => {
    const thresholds = [{ percent: 7, severity: 'critical' as const }];
    const { alert, states } = spend([700n], { rule: { thresholds } });
    expect(alert?.severity).toBe('critical');
    expect(states).toEqual([{ level: 7, isOpen: true, renotifyAt: null }]);
  });
});

describe('falling spending', () => {
  const states = [open(80), open(95), open(100, minutesAgo(90))];
  test.each<[string, bigint[], string[]]>([
    ['to one cent below the budget resolves level 100', [-1n], ['100 resolved']],
    ['below every level resolves each', [-9000n], ['100 resolved', '95 resolved', '80 resolved']],
    ['below zero resolves each level', [-30_000n], ['100 resolved', '95 resolved', '80 resolved']],
    ['of nothing resolves nothing', [0n, -0n], []],
  ])('%s', (_name, amounts, decisions) => {
    const evaluation = spend(amounts, { from: 10_000n, states });
    expect(rows(evaluation)).toEqual(decisions);
    expect(evaluation.alert).toBeNull();
  });

  test('below a level opened in the same batch is recorded without a notification', () => {
    const evaluation = spend([8000n, -1n]);
    expect(rows(evaluation)).toEqual(['80 superseded', '80 resolved']);
    expect(evaluation).toMatchObject({ alert: null, recovery: null });
    expect(evaluation.states).toEqual([closed(80)]);
  });

  test('below the highest level of the batch notifies the highest that is still open', () => {
    const evaluation = spend([15_000n, -5500n]);
    expect(rows(evaluation)).toEqual([
      '80 superseded',
      '95 notified',
      '100 superseded',
      '150 superseded',
      '150 resolved',
      '100 resolved',
    ]);
    expect(evaluation.alert?.level).toBe(95);
    expect(openIn(evaluation)).toEqual([80, 95]);
  });

  test('that rises again in the same batch is notified once', () => {
    const evaluation = spend([8000n, -1n, 1n]);
    expect(rows(evaluation)).toEqual(['80 superseded', '80 resolved', '80 notified']);
    expect(openIn(evaluation)).toEqual([80]);
  });
});

describe('a level that opens again', () => {
  const again = (notifiedAt: Temporal.Instant, world: World = {}) =>
    spend([1n], { from: 7999n, states: [fallen(80, notifiedAt)], ...world });

  test('ten minutes after its notification waits until the cooldown ends', () => {
    const { decisions, alert, states } = again(minutesAgo(10));
    const until = minutesAgo(10).add({ minutes: 60 });
    expect(decisions).toMatchObject([{ level: 80, outcome: 'deduplicated', until, notifies: null }]);
    expect(alert).toBeNull();
    expect(states).toEqual([{ level: 80, isOpen: true, renotifyAt: until }]);
  });

  test.each([
    [59, 'deduplicated'],
    [60, 'notified'],
    [61, 'notified'],
  ])('%i minutes after its notification is %s', (minutes, outcome) => {
    expect(rows(again(minutesAgo(minutes)))).toEqual([`80 ${outcome}`]);
  });

  test('without a cooldown is notified at once', () => {
    expect(rows(again(minutesAgo(0), { rule: { cooldownMinutes: 0 } }))).toEqual(['80 notified']);
  });

  test('does not delay a higher level by its cooldown', () => {
    const states = [fallen(80, minutesAgo(10))];
    const evaluation = spend([9500n], { states });
    expect(rows(evaluation)).toEqual(['80 superseded', '95 notified']);
  });

  test('within its cooldown lets the levels that it speaks for wait with it', () => {
    const states = [fallen(80), fallen(95), fallen(100, minutesAgo(10))];
    const evaluation = spend([10_000n], { states });
    const until = noon.add({ minutes: 50 });
    expect(evaluation.decisions).toMatchObject([
      { level: 80, outcome: 'deduplicated', until },
      { level: 95, outcome: 'deduplicated', until },
      { level: 100, outcome: 'deduplicated', until },
    ]);
    expect(evaluation.states.map(({ renotifyAt }) => renotifyAt)).toEqual([until, until, until]);
    expect(evaluation.alert).toBeNull();
  });

  test('and falls within its cooldown no longer waits', () => {
    const waiting = { ...open(80, minutesAgo(30)), renotifyAt: noon.add({ minutes: 30 }) };
    const evaluation = spend([-1n], { from: 8000n, states: [waiting] });
    expect(rows(evaluation)).toEqual(['80 resolved']);
    expect(evaluation.states).toEqual([closed(80)]);
  });
});

describe('a recovery', () => {
  const recovering = { rule: { notifyOnRecovery: true }, from: 10_000n };
  const states = [open(80), open(95), open(100, minutesAgo(90))];

  test('is notified if the rule asks for it', () => {
    const { recovery, alert, decisions } = spend([-9000n], { ...recovering, states });
    expect(recovery).toEqual({ level: 100, severity: 'info', spentMinor: 1000n, silenced: null });
    expect(alert).toBeNull();
    expect(decisions.map(({ level, notifies }) => [level, notifies])).toEqual([
      [100, 'recovery'],
      [95, null],
      [80, null],
    ]);
  });

  test.each<[string, World]>([
    ['the rule does not ask for it', { from: 10_000n, states }],
    ['nobody heard of the level', { ...recovering, states: [open(80), open(95), unheard(100)] }],
    [
      'only an earlier opening was heard',
      { ...recovering, states: [{ ...open(100, minutesAgo(10)), hasAlert: false, isHeard: false }] },
    ],
    ['the person edited the rule', { ...recovering, states, cause: 'edit' }],
    ['the period is closed', { ...recovering, states, phase: 'closed' }],
  ])('is not notified if %s', (_name, world) => {
    expect(spend([-9000n], world).recovery).toBeNull();
  });

  test('is not notified if the level opens again in the same batch', () => {
    expect(spend([-9000n, 9000n], { ...recovering, states }).recovery).toBeNull();
  });
});

describe('a muted rule', () => {
  test('has its decisions recorded and its alert in the app alone', () => {
    const { decisions, alert } = spend([10_000n], { rule: { notificationsEnabled: false } });
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['superseded', 'superseded', 'muted']);
    expect(alert).toMatchObject({ level: 100, silenced: 'muted' });
  });
});

describe('a past period', () => {
  test('still alerts within its grace', () => {
    const evaluation = spend([8000n], { phase: 'past' });
    expect(rows(evaluation)).toEqual(['80 notified']);
    expect(evaluation.alert?.level).toBe(80);
  });

  test('is corrected without notifications once closed, with a decision for each level', () => {
    const evaluation = spend([9500n], { phase: 'closed' });
    expect(rows(evaluation)).toEqual(['80 past_period', '95 past_period']);
    expect(evaluation).toMatchObject({ alert: null, recovery: null, spentMinor: 9500n });
    expect(openIn(evaluation)).toEqual([80, 95]);
  });

  test('still resolves once closed', () => {
    expect(rows(spend([-1n], { phase: 'closed', from: 8000n, states: [open(80)] }))).toEqual(['80 resolved']);
  });
});

describe('an edit of a rule', () => {
  const at100 = [open(80), open(95), open(100, minutesAgo(90))];

  test.each<[string, World, string[]]>([
    [
      'that raises the budget resolves a level no longer reached',
      { rule: { budgetMinor: 10_400n }, states: at100 },
      ['100 resolved'],
    ],
    [
      'that lowers the budget notifies a level now reached',
      { rule: { budgetMinor: 6600n }, states: at100 },
      ['150 notified'],
    ],
    ['that hardly changes the budget has no decision', { rule: { budgetMinor: 9999n }, states: at100 }, []],
    [
      'that removes a level resolves it',
      { rule: { thresholds: ruleDefaults.thresholds.slice(0, 2) }, states: at100 },
      ['100 resolved'],
    ],
    [
      'that adds a level below an open one supersedes the new one',
      {
        rule: { thresholds: [...ruleDefaults.thresholds, { percent: 99, severity: 'info' }] },
        states: at100,
      },
      ['99 superseded'],
    ],
    [
      'that opens a level notified before does not notify it, however long ago',
      { states: [open(80), open(95), fallen(100, minutesAgo(6000))] },
      ['100 deduplicated'],
    ],
    [
      'that opens a level not notified before notifies it',
      { states: [open(80), open(95, minutesAgo(1)), fallen(100)] },
      ['100 notified'],
    ],
  ])('%s', (_name, world, decisions) => {
    expect(rows(edit({ from: 10_000n, ...world }))).toEqual(decisions);
  });

  test('that does not notify a level does not notify it later either', () => {
    const { states, decisions } = edit({ from: 8000n, states: [fallen(80, minutesAgo(1))] });
    expect(decisions).toMatchObject([{ outcome: 'deduplicated', until: null }]);
    expect(states).toEqual([{ level: 80, isOpen: true, renotifyAt: null }]);
  });
});
