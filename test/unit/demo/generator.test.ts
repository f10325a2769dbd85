import { describe, expect, it } from 'vitest';
import { generateReplay } from '../../../src/demo/made-up/generator.ts';
import { incidents } from '../../../src/demo/made-up/incidents.ts';
import type { PlannedRule, PostedEvent, Replay } from '../../../src/demo/replay.ts';
import { ruleDefaults } from '../../../src/alerts/decide/rule.ts';

const month = '2026-10';
const liveEvents = (replay: Replay): PostedEvent[] => replay.steps.flatMap(({ events }) => [...events]);
const instantOf = (event: PostedEvent): Temporal.Instant => Temporal.Instant.from(event.time);
const isBefore = (a: Temporal.Instant, b: Temporal.Instant): boolean => Temporal.Instant.compare(a, b) < 0;

/** Computes the highest percent of a monthly budget while the events are applied one by one. */
function peakPercent(rule: PlannedRule, events: readonly PostedEvent[]): number {
  const expenses = new Map<string, number>();
  const budget = Math.round(Number(rule.body.budgetAmount) * 100);
  let peak = 0;
  for (const { data } of events) {
    const counts =
      'amount' in data &&
      data.userId === rule.userId &&
      (rule.body.categoryId ?? data.categoryId) === data.categoryId;
    expenses.set(data.expenseId, counts ? Math.round(Number(data.amount) * 100) : 0);
    const spent = [...expenses.values()].reduce((sum, cents) => sum + cents, 0);
    peak = Math.max(peak, (spent * 100) / budget);
  }
  return peak;
}

describe('the demo’s people', () => {
  it('spend the same in each run of a month, and differently in another month', () => {
    const once = generateReplay(month);
    expect(generateReplay(month)).toEqual(once);
    const ids = new Set([...once.history, ...liveEvents(once)].map(({ id }) => id));
    const next = liveEvents(generateReplay('2027-03')).filter(({ id }) => ids.has(id));
    expect(next).toEqual([]);
  });

  it('are 36, with months of history and over a thousand events in the live month', () => {
    const replay = generateReplay(month);
    expect(replay.people.length).toBe(36);
    expect(replay.people[6]).toMatchObject({ userId: 'p07', settings: { name: 'Gina Sample' } });
    expect(replay.historyCount).toBe([...replay.history].length);
    expect(replay.historyCount).toBeGreaterThan(3000);
    expect(liveEvents(replay).length).toBeGreaterThan(1000);
    const types = new Set(liveEvents(replay).map(({ type }) => type));
    expect([...types].sort()).toEqual(['expense.created', 'expense.deleted', 'expense.updated']);
    const refunds = liveEvents(replay).filter(({ data }) => 'amount' in data && data.amount.startsWith('-'));
    expect(refunds.length).toBeGreaterThan(5);
  });

  it.each(['2026-10', '2026-03', '2026-11', '2024-02', '2027-01'])(
    'spend in the order of time in %s',
    (live) => {
      const replay = generateReplay(live);
      for (const event of replay.history) expect(isBefore(instantOf(event), replay.start)).toBe(true);
      let clock = replay.start;
      for (const { at, events } of replay.steps) {
        expect(isBefore(at, clock)).toBe(false);
        for (const event of events) expect(isBefore(at, instantOf(event))).toBe(false);
        clock = at;
      }
      expect(isBefore(replay.end, clock)).toBe(false);
    },
  );

  it('have unique event ids, and unique rule names for each person', () => {
    const replay = generateReplay(month);
    const ids = [...replay.history, ...liveEvents(replay)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const rules = replay.rules.map(({ userId, body }) => `${userId} ${body.name}`);
    expect(new Set(rules).size).toBe(rules.length);
  });

  it.each(['2026-10', '2027-02'])('reach every severity, and with some rules none, in %s', (live) => {
    const replay = generateReplay(live);
    const monthly = replay.rules.filter(({ body }) => body.period === undefined);
    const events = liveEvents(replay);
    const peaks = monthly.map((rule) => peakPercent(rule, events));
    const highest = ruleDefaults.thresholds.map(({ severity, percent }, index) => {
      const above = ruleDefaults.thresholds[index + 1]?.percent ?? Infinity;
      return { severity, rules: peaks.filter((peak) => peak >= percent && peak < above).length };
    });
    for (const { rules } of highest) expect(rules).toBeGreaterThan(0);
    expect(peaks.filter((peak) => peak < 80).length).toBeGreaterThan(10);
  });

  it('overrun exactly as far as the planned incidents say', () => {
    const replay = generateReplay(month);
    const events = liveEvents(replay);
    const peakOf = (userId: string, name: string): number | undefined => {
      const rule = replay.rules.find((each) => each.userId === userId && each.body.name === name);
      return rule && Math.round(peakPercent(rule, events) * 100) / 100;
    };
    expect(peakOf('p03', 'Shopping')).toBe(101.5);
    expect(peakOf('p05', 'Trips')).toBe(100);
    expect(peakOf('p08', 'Clothes')).toBe(99.96);
    expect(peakOf('p14', 'Health')).toBe(232.5);
    expect(peakOf('p27', 'Travel')).toBe(156.67);
    for (const { person } of incidents) expect(person).toBeLessThanOrEqual(replay.people.length);
  });
});
