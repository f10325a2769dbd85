/** The interruption policy agrees with a second implementation. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decideInterruption,
  type InterruptionInput,
  type SkipReason,
} from '../../../src/notify/decide/interruption.ts';
import { nights } from '../../support/reference/change-nights.ts';
import { modelDecision } from '../../support/reference/reference-interruption.ts';
import { say } from '../../support/reference/interruption-verdict.ts';
import { severities } from '../../../src/values/severity.ts';

function rarely<T>(rare: T, usual: T): fc.Arbitrary<T> {
  return fc.oneof({ weight: 1, arbitrary: fc.constant(rare) }, { weight: 5, arbitrary: fc.constant(usual) });
}

const skips = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<SkipReason>('opted_out', 'no_address', 'bounced', 'not_configured'),
  },
);
const caps = fc.option(fc.record({ max: fc.option(fc.nat(4), { freq: 6 }), today: fc.nat(5) }), { freq: 4 });

const worlds: fc.Arbitrary<InterruptionInput> = nights.chain(({ timeZone, now, times: [start, end] }) =>
  fc.record({
    severity: fc.constantFrom(...severities),
    isMuted: rarely(true, false),
    snoozedUntil: fc
      .tuple(rarely(true, false), fc.integer({ min: -2, max: 2 }))
      .map(([isSet, milliseconds]) => (isSet ? now.add({ milliseconds }) : null)),
    criticalInterrupts: fc.boolean(),
    channels: fc.uniqueArray(fc.record({ channel: fc.constantFrom('email', 'sms', 'push'), skip: skips }), {
      selector: ({ channel }) => channel,
    }),
    quietHours: fc.record({
      enabled: rarely(false, true),
      start: fc.constant(start),
      end: rarely(start, end),
      timezone: rarely<string | null>('Asia/Kathmandu', null),
    }),
    timeZone: fc.constant(timeZone),
    cap: caps,
    personMax: fc.option(fc.integer({ min: 1, max: 4 })),
    digestAt: fc.integer({ min: 1, max: 7 * 24 }).map((hours) => now.add({ hours })),
    now: fc.constant(now),
  }),
);

test('the policy agrees with the reference model on any input, and every decision occurs', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(worlds, (world) => {
      const decision = decideInterruption(world);
      seen.add(decision.reason ?? say(decision));
      expect(say(decision)).toBe(modelDecision(world));
    }),
    { numRuns: 1000 },
  );
  const every = ['muted', 'snoozed', 'no_channel', 'quiet_hours', 'daily_cap', 'send', 'send, counted'];
  expect([...seen].sort()).toEqual(every.sort());
});
