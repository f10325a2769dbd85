import { describe, expect, test } from 'vitest';
import {
  type Cause,
  type Evaluation,
  type EvaluationInput,
  evaluatePeriod,
  type LevelState,
} from '../../../src/alerts/decide/alert.ts';
import { ruleDefaults } from '../../../src/alerts/decide/rule.ts';

const noon = Temporal.Instant.from('2026-11-10T12:00:00Z');
const minutesAgo = (minutes: number) => noon.subtract({ minutes });

const rule = {
  budgetMinor: 10_000n,
  thresholds: ruleDefaults.thresholds,
  cooldownMinutes: 60,
  notificationsEnabled: true,
  notifyOnRecovery: false,
};

const open = (level: number, notifiedAt: Temporal.Instant | null = null): LevelState => ({
  level,
  isOpen: true,
  notifiedAt,
  renotifyAt: null,
});
const fallen = (level: number, notifiedAt: Temporal.Instant | null = null): LevelState => ({
  ...open(level, notifiedAt),
  isOpen: false,
});

type World = {
  from?: bigint;
  rule?: Partial<EvaluationInput['rule']>;
  phase?: EvaluationInput['phase'];
  isSnoozed?: boolean;
  cause?: Cause;
  states?: LevelState[];
};

/** Each amount is an expense of its own, `e1`, `e2`, … */
function spend(amounts: readonly bigint[], world: World = {}): Evaluation {
  return evaluatePeriod({
    rule: { ...rule, ...world.rule },
    cause: world.cause ?? 'spending',
    phase: world.phase ?? 'current',
    isSnoozed: world.isSnoozed ?? false,
    states: world.states ?? [],
    spentMinor: world.from ?? 0n,
    steps: amounts.map((deltaMinor, index) => ({ deltaMinor, expenseId: `e${index + 1}` })),
    now: noon,
  });
}

const edit = (world: World): Evaluation => spend([0n], { ...world, cause: 'edit' });
const told = ({ decisions }: Evaluation) => decisions.map(({ level, outcome }) => `${level} ${outcome}`);
const openIn = ({ states }: Evaluation) =>
  states
    .filter(({ isOpen }) => isOpen)
    .map(({ level }) => level)
    .sort((a, b) => a - b);

describe('the way up', () => {
  test.each<[string, bigint[], string[]]>([
    ['below the lowest level nothing', [7999n], []],
    ['one level', [8000n], ['80 notified']],
    ['one cent short of the budget', [9999n], ['80 superseded', '95 notified']],
    ['exactly the budget', [10_000n], ['80 superseded', '95 superseded', '100 notified']],
    ['double the budget', [20_000n], ['80 superseded', '95 superseded', '100 superseded', '150 notified']],
    ['level by level in one batch', [8000n, 1500n, 500n], ['80 superseded', '95 superseded', '100 notified']],
  ])('%s', (_name, amounts, decisions) => {
    expect(told(spend(amounts))).toEqual(decisions);
  });

  test('from nothing to double the budget is told once, of the highest', () => {
    const { alert, recovery, decisions, spentMinor } = spend([20_000n]);
    expect(alert).toEqual({ level: 150, severity: 'critical', spentMinor: 20_000n, silenced: null });
    expect(recovery).toBeNull();
    expect(spentMinor).toBe(20_000n);
    expect(decisions.map(({ notifies }) => notifies)).toEqual([null, null, null, 'alert']);
  });

  test('each decision names its expense and what was spent then', () => {
    const { decisions } = spend([8000n, 1500n, 500n]);
    expect(decisions.map(({ expenseId, spentMinor }) => [expenseId, spentMinor])).toEqual([
      ['e1', 8000n],
      ['e2', 9500n],
      ['e3', 10_000n],
    ]);
  });

  test('what is open stays open, and is not told again', () => {
    const evaluation = spend([100n], { from: 8000n, states: [open(80, minutesAgo(300))] });
    expect(evaluation).toMatchObject({ decisions: [], states: [], alert: null, spentMinor: 8100n });
  });

  test('the order of the thresholds does not matter', () => {
    const shuffled = [2, 0, 3, 1].flatMap((index) => ruleDefaults.thresholds[index] ?? []);
    expect(spend([20_000n], { rule: { thresholds: shuffled } })).toEqual(spend([20_000n]));
  });

  test('the notification has the severity of its level, the state its time', () => {
    const thresholds = [{ percent: 7, severity: 'critical' as const }];
    const { alert, states } = spend([700n], { rule: { thresholds } });
    expect(alert?.severity).toBe('critical');
    expect(states).toEqual([{ level: 7, isOpen: true, notifiedAt: noon, renotifyAt: null }]);
  });
});

describe('the way down', () => {
  const states = [open(80), open(95), open(100, minutesAgo(90))];
  test.each<[string, bigint[], string[]]>([
    ['to one cent below the budget', [-1n], ['100 resolved']],
    ['below every level', [-9000n], ['100 resolved', '95 resolved', '80 resolved']],
    ['below zero', [-30_000n], ['100 resolved', '95 resolved', '80 resolved']],
    ['not so far', [0n, -0n], []],
  ])('%s', (_name, amounts, decisions) => {
    const evaluation = spend(amounts, { from: 10_000n, states });
    expect(told(evaluation)).toEqual(decisions);
    expect(evaluation.alert).toBeNull();
  });

  test('opened and fell inside the batch: superseded, then resolved, and nobody hears', () => {
    const evaluation = spend([8000n, -1n]);
    expect(told(evaluation)).toEqual(['80 superseded', '80 resolved']);
    expect(evaluation).toMatchObject({ alert: null, recovery: null });
    expect(evaluation.states).toEqual([fallen(80)]);
  });

  test('the highest fell inside the batch: the highest that stands is told', () => {
    const evaluation = spend([15_000n, -5500n]);
    expect(told(evaluation)).toEqual([
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

  test('up, down and up again in one batch is told once', () => {
    const evaluation = spend([8000n, -1n, 1n]);
    expect(told(evaluation)).toEqual(['80 superseded', '80 resolved', '80 notified']);
    expect(openIn(evaluation)).toEqual([80]);
  });
});

describe('a level that opens again', () => {
  const again = (notifiedAt: Temporal.Instant, world: World = {}) =>
    spend([1n], { from: 7999n, states: [fallen(80, notifiedAt)], ...world });

  test('ten minutes after it was told waits until the hour is over', () => {
    const { decisions, alert, states } = again(minutesAgo(10));
    const until = minutesAgo(10).add({ minutes: 60 });
    expect(decisions).toMatchObject([{ level: 80, outcome: 'deduplicated', until, notifies: null }]);
    expect(alert).toBeNull();
    expect(states).toEqual([{ level: 80, isOpen: true, notifiedAt: minutesAgo(10), renotifyAt: until }]);
  });

  test.each([
    [59, 'deduplicated'],
    [60, 'notified'],
    [61, 'notified'],
  ])('%i minutes after: %s', (minutes, outcome) => {
    expect(told(again(minutesAgo(minutes)))).toEqual([`80 ${outcome}`]);
  });

  test('without a cooldown is told at once', () => {
    expect(told(again(minutesAgo(0), { rule: { cooldownMinutes: 0 } }))).toEqual(['80 notified']);
  });

  test('the cooldown is each level’s own: a higher one is told inside it', () => {
    const states = [fallen(80, minutesAgo(10))];
    const evaluation = spend([9500n], { states });
    expect(told(evaluation)).toEqual(['80 superseded', '95 notified']);
  });

  test('as the highest, inside its cooldown, takes the lower ones along', () => {
    const states = [fallen(80), fallen(95), fallen(100, minutesAgo(10))];
    const evaluation = spend([10_000n], { states });
    expect(told(evaluation)).toEqual(['80 superseded', '95 superseded', '100 deduplicated']);
    expect(evaluation.alert).toBeNull();
  });

  test('falls inside its cooldown: nothing is held any more', () => {
    const held = { ...open(80, minutesAgo(30)), renotifyAt: noon.add({ minutes: 30 }) };
    const evaluation = spend([-1n], { from: 8000n, states: [held] });
    expect(told(evaluation)).toEqual(['80 resolved']);
    expect(evaluation.states).toEqual([fallen(80, minutesAgo(30))]);
  });
});

describe('recovery', () => {
  const recovering = { rule: { notifyOnRecovery: true }, from: 10_000n };
  const states = [open(80), open(95), open(100, minutesAgo(90))];

  test('is told where the person asked for it', () => {
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
    ['not asked for', { from: 10_000n, states }],
    ['the level was never told of', { ...recovering, states: [open(80), open(95), open(100)] }],
    ['the period is closed', { ...recovering, states, phase: 'closed' }],
  ])('is not told: %s', (_name, world) => {
    expect(spend([-9000n], world).recovery).toBeNull();
  });

  test('is not told of a level that rose again before the batch was over', () => {
    expect(spend([-9000n, 9000n], { ...recovering, states }).recovery).toBeNull();
  });
});

describe('a muted rule', () => {
  test('is recorded and told in the app alone', () => {
    const { decisions, alert, states } = spend([10_000n], { rule: { notificationsEnabled: false } });
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['superseded', 'superseded', 'muted']);
    expect(alert).toMatchObject({ level: 100, silenced: 'muted' });
    expect(states.map(({ notifiedAt }) => notifiedAt)).toEqual([null, null, null]);
  });
});

describe('a period that is over', () => {
  test('still alerts inside its grace', () => {
    const evaluation = spend([8000n], { phase: 'past' });
    expect(told(evaluation)).toEqual(['80 notified']);
    expect(evaluation.alert?.level).toBe(80);
  });

  test('is corrected silently once closed, each level on record', () => {
    const evaluation = spend([9500n], { phase: 'closed' });
    expect(told(evaluation)).toEqual(['80 past_period', '95 past_period']);
    expect(evaluation).toMatchObject({ alert: null, recovery: null, spentMinor: 9500n });
    expect(openIn(evaluation)).toEqual([80, 95]);
  });

  test('closed, still resolves', () => {
    expect(told(spend([-1n], { phase: 'closed', from: 8000n, states: [open(80)] }))).toEqual(['80 resolved']);
  });
});

describe('an edited rule', () => {
  const at100 = [open(80), open(95), open(100, minutesAgo(90))];

  test.each<[string, World, string[]]>([
    [
      'a raised budget resolves what falls',
      { rule: { budgetMinor: 10_400n }, states: at100 },
      ['100 resolved'],
    ],
    [
      'a lowered one opens what is reached',
      { rule: { budgetMinor: 6600n }, states: at100 },
      ['150 notified'],
    ],
    ['a budget as good as before does nothing', { rule: { budgetMinor: 9999n }, states: at100 }, []],
    [
      'a level taken away resolves',
      { rule: { thresholds: ruleDefaults.thresholds.slice(0, 2) }, states: at100 },
      ['100 resolved'],
    ],
    [
      'a level added below an open one is superseded by it',
      {
        rule: { thresholds: [...ruleDefaults.thresholds, { percent: 99, severity: 'info' }] },
        states: at100,
      },
      ['99 superseded'],
    ],
    [
      'a level told before is not told for the edit, however long ago',
      { states: [open(80), open(95), fallen(100, minutesAgo(6000))] },
      ['100 deduplicated'],
    ],
    [
      'a level not told before is',
      { states: [open(80), open(95, minutesAgo(1)), fallen(100)] },
      ['100 notified'],
    ],
  ])('%s', (_name, world, decisions) => {
    expect(told(edit({ from: 10_000n, ...world }))).toEqual(decisions);
  });

  test('what is not told for the edit is not told later either', () => {
    const { states, decisions } = edit({ from: 8000n, states: [fallen(80, minutesAgo(1))] });
    expect(decisions).toMatchObject([{ outcome: 'deduplicated', until: null }]);
    expect(states).toEqual([open(80, minutesAgo(1))]);
  });
});
