import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findGuards } from '../../../src/alerts/decide/guards.ts';
import { evaluatePeriod } from '../../../src/alerts/decide/levels.ts';
import { isReached } from '../../../src/alerts/decide/rule.ts';

const ruleOf = (budgetMinor: bigint, percents: readonly number[]) => ({
  budgetMinor,
  thresholds: percents.map((percent) => ({ percent, severity: 'info' as const })),
  forecastThresholds: [],
  everyLevel: false,
  rollover: 'none' as const,
  cooldownMinutes: 60,
  notificationsEnabled: true,
  notifyOnRecovery: true,
});

const now = Temporal.Instant.from('2026-11-30T12:00:00Z');

const budget = fc.bigInt({ min: 1n, max: 1_000_000n });
const percents = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 });
/** The guard itself and the amount just below it, or any other amount. */
const edges = fc.record({
  of: fc.constantFrom('low' as const, 'high' as const, null),
  plus: fc.constantFrom(0n, -1n),
});
const spending = fc.bigInt({ min: -100_000n, max: 3_000_000n });

describe('the guards of a period', () => {
  test('are where the first level opens or closes, and nothing happens between them', () => {
    fc.assert(
      fc.property(
        budget,
        percents,
        spending,
        edges,
        spending,
        (budgetMinor, levels, spentMinor, edge, other) => {
          const rule = ruleOf(budgetMinor, levels);
          const open = levels.filter((level) => isReached(level, spentMinor, budgetMinor));
          const guards = findGuards({ rule, phase: 'current' }, new Set(open), spentMinor);
          const next = (edge.of === null ? null : guards?.[edge.of]) ?? other;
          const nextMinor = next + edge.plus;
          const { decisions } = evaluatePeriod({
            rule,
            cause: 'spending',
            phase: 'current',
            isSnoozed: false,
            forecast: null,
            states: open.map((level) => ({
              level,
              isOpen: true,
              notifiedAt: null,
              alertedAt: null,
              hasAlert: false,
              isHeard: false,
              renotifyAt: null,
            })),
            spentMinor,
            steps: [{ deltaMinor: nextMinor - spentMinor, expenseId: 'x' }],
            now,
          });
          const { low = null, high = null } = guards ?? {};
          const isBetween = (low === null || nextMinor >= low) && (high === null || nextMinor < high);
          expect(decisions.length === 0).toBe(isBetween);
        },
      ),
    );
  });

  test('are unknown if a level that is reached is not open in the current period', () => {
    const rule = ruleOf(10_000n, [80, 100]);
    expect(findGuards({ rule, phase: 'current' }, new Set([80]), 10_000n)).toBeNull();
  });

  test('leave out a level of a past period that was reached before the rule watched it', () => {
    const rule = ruleOf(10_000n, [80, 100]);
    expect(findGuards({ rule, phase: 'past' }, new Set(), 9000n)).toEqual({ low: 8000n, high: 10_000n });
  });

  test('are unknown if a level is open that the rule no longer has, or that is not reached', () => {
    const rule = ruleOf(10_000n, [80]);
    expect(findGuards({ rule, phase: 'current' }, new Set([50]), 6000n)).toBeNull();
    expect(findGuards({ rule, phase: 'current' }, new Set([80]), 6000n)).toBeNull();
  });
});
