import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideInterruption,
  type InterruptionVerdict,
  type InterruptionInput,
  type SkipReason,
} from '../../../src/notify/decide/interruption.ts';
import { defaultQuietHours } from '../../../src/notify/decide/quiet-hours.ts';
import { nights } from '../../support/reference/change-nights.ts';
import { modelDecision } from '../../support/reference/reference-interruption.ts';
import { severities } from '../../../src/values/severity.ts';

type Given = Partial<InterruptionInput>;

const at = (text: string) => Temporal.Instant.from(text);
const noon = at('2026-11-10T12:00:00Z');
const night = at('2026-11-10T22:00:00Z');
const justBefore = (instant: Temporal.Instant) => instant.subtract({ nanoseconds: 1 });
const justAfter = (instant: Temporal.Instant) => instant.add({ nanoseconds: 1 });

const email = { channel: 'email', skip: null } as const;
const sms = { channel: 'sms', skip: null } as const;
const push = { channel: 'push', skip: null } as const;
const skipped = (skip: SkipReason) => ({ channel: 'sms', skip }) as const;

/** A warning by mail, at noon in UTC, the first of three that day. */
const warning: InterruptionInput = {
  severity: 'warning',
  isMuted: false,
  snoozedUntil: null,
  criticalInterrupts: true,
  channels: [email],
  quietHours: defaultQuietHours,
  timeZone: 'UTC',
  cap: { max: 3, today: 0 },
  digestAt: at('2026-11-11T08:30:00Z'),
  now: noon,
};
const full = { max: 3, today: 3 };
const digest: Given = { severity: 'info', cap: null };

function say(decision: InterruptionVerdict): string {
  if (decision.verdict === 'send') return decision.countsAgainstQuota ? 'send, takes a place' : 'send';
  const { verdict, reason, until } = decision;
  return until ? `${verdict} ${reason} ${until.toString()}` : `${verdict} ${reason}`;
}

const sent = 'send, takes a place';
const muted = 'in_app_only muted';
const snoozed = 'in_app_only snoozed';
const noChannel = 'in_app_only no_channel';
const deferred = 'defer quiet_hours 2026-11-11T08:00:00Z';
const capped = 'cap daily_cap 2026-11-11T08:30:00Z';

/** What is decided, and what the slow second way decides. */
function both(given: Given): [string, string] {
  const input = { ...warning, ...given };
  return [say(decideInterruption(input)), modelDecision(input)];
}

describe('in its parts', () => {
  test.each<[string, Given, InterruptionVerdict]>([
    ['sent', {}, { verdict: 'send', reason: null, until: null, countsAgainstQuota: true }],
    [
      'sent uncounted',
      { cap: null },
      { verdict: 'send', reason: null, until: null, countsAgainstQuota: false },
    ],
    ['in the app alone', { isMuted: true }, { verdict: 'in_app_only', reason: 'muted', until: null }],
    ['held', { now: night }, { verdict: 'defer', reason: 'quiet_hours', until: at('2026-11-11T08:00:00Z') }],
    ['capped', { cap: full }, { verdict: 'cap', reason: 'daily_cap', until: warning.digestAt }],
  ])('%s', (_name, given, decision) => {
    expect(decideInterruption({ ...warning, ...given })).toEqual(decision);
  });
});

describe('nothing in the way', () => {
  test.each<[string, Given, string]>([
    ['a warning at noon', {}, sent],
    ['an info', { severity: 'info' }, sent],
    ['a danger', { severity: 'danger' }, sent],
    ['a critical one', { severity: 'critical' }, sent],
    ['a critical one that is like any other', { severity: 'critical', criticalInterrupts: false }, sent],
    ['by several channels', { channels: [email, sms, push] }, sent],
    ['a digest', digest, 'send'],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('a muted rule', () => {
  test.each<[string, Given, string]>([
    ['is silent', { isMuted: true }, muted],
    ['also of what is critical', { isMuted: true, severity: 'critical' }, muted],
    ['before its person is snoozed', { isMuted: true, snoozedUntil: night }, muted],
    ['before it has no channel', { isMuted: true, channels: [] }, muted],
    ['before it is night', { isMuted: true, now: night }, muted],
    ['before the day is full', { isMuted: true, cap: full }, muted],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('a snoozed person', () => {
  const snooze = { snoozedUntil: night };
  test.each<[string, Given, string]>([
    ['is left alone', snooze, snoozed],
    ['to the last', { snoozedUntil: justAfter(noon) }, snoozed],
    ['not when it ends', { snoozedUntil: noon }, sent],
    ['not after', { snoozedUntil: justBefore(noon) }, sent],
    ['not long after', { snoozedUntil: at('2020-01-01T00:00:00Z') }, sent],
    ['also of what is critical', { ...snooze, severity: 'critical' }, snoozed],
    ['also of a digest', { ...snooze, ...digest }, snoozed],
    ['before there is no channel', { ...snooze, channels: [] }, snoozed],
    ['before it is night', { snoozedUntil: justAfter(night), now: night }, snoozed],
    ['before the day is full', { ...snooze, cap: full }, snoozed],
    ['and at night, when it ends, is held', { snoozedUntil: night, now: night }, deferred],
    ['and on a full day, when it ends, is capped', { snoozedUntil: noon, cap: full }, capped],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('channels that would be skipped', () => {
  test.each<[string, Given, string]>([
    ['none asked for', { channels: [] }, noChannel],
    ['opted out', { channels: [skipped('opted_out')] }, noChannel],
    ['no address', { channels: [skipped('no_address')] }, noChannel],
    ['bounced', { channels: [skipped('bounced')] }, noChannel],
    ['not configured', { channels: [skipped('not_configured')] }, noChannel],
    ['each for its reason', { channels: [skipped('bounced'), { ...push, skip: 'no_address' }] }, noChannel],
    ['but not the first', { channels: [email, skipped('opted_out')] }, sent],
    ['but not the last', { channels: [skipped('opted_out'), email] }, sent],
    ['of what is critical', { channels: [], severity: 'critical' }, noChannel],
    ['of a digest', { channels: [], ...digest }, noChannel],
    ['at night: nothing is held for them', { channels: [skipped('bounced')], now: night }, noChannel],
    ['on a full day: nothing is capped for them', { channels: [skipped('bounced')], cap: full }, noChannel],
    ['but one, at night', { channels: [skipped('bounced'), email], now: night }, deferred],
    ['but one, on a full day', { channels: [skipped('bounced'), email], cap: full }, capped],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('what is critical', () => {
  const critical: Given = { severity: 'critical' };
  const likeAny: Given = { severity: 'critical', criticalInterrupts: false };
  test.each<[string, Given, string]>([
    ['goes past the night', { ...critical, now: night }, sent],
    ['goes past a full day', { ...critical, cap: full }, sent],
    ['goes past both', { ...critical, now: night, cap: full }, sent],
    ['takes its place on an overfull day', { ...critical, cap: { max: 3, today: 7 } }, sent],
    ['uncounted, takes none', { ...critical, now: night, cap: null }, 'send'],
    ['after a snooze goes past the night', { ...critical, snoozedUntil: night, now: night }, sent],
    ['switched off, waits for the morning', { ...likeAny, now: night }, deferred],
    ['switched off, is capped', { ...likeAny, cap: full }, capped],
    ['danger is not: at night', { severity: 'danger', now: night }, deferred],
    ['danger is not: on a full day', { severity: 'danger', cap: full }, capped],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('quiet hours', () => {
  const window = { enabled: true, start: '12:00', end: '13:30', timezone: null };
  const evening = at('2026-11-10T20:00:00Z');
  const morning = at('2026-11-11T08:00:00Z');
  const autumn = { timeZone: 'America/New_York', now: at('2026-11-01T04:00:00Z') };
  test.each<[string, Given, string]>([
    ['just before they begin', { now: justBefore(evening) }, sent],
    ['as they begin', { now: evening }, deferred],
    ['at midnight', { now: at('2026-11-11T00:00:00Z') }, deferred],
    ['just before they end', { now: justBefore(morning) }, deferred],
    ['as they end', { now: morning }, sent],
    ['of an info', { severity: 'info', now: night }, deferred],
    ['of a digest', { ...digest, now: night }, deferred],
    ['by every channel', { channels: [email, sms, push], now: night }, deferred],
    ['go before the cap', { now: night, cap: full }, deferred],
    ['switched off', { quietHours: { ...defaultQuietHours, enabled: false }, now: night }, sent],
    ['switched off, on a full day', { quietHours: { ...window, enabled: false }, cap: full }, capped],
    ['of no length', { quietHours: { ...window, end: '12:00' } }, sent],
    ['at lunch, as they begin', { quietHours: window }, 'defer quiet_hours 2026-11-10T13:30:00Z'],
    ['at lunch, just before', { quietHours: window, now: justBefore(noon) }, sent],
    ['at lunch, as they end', { quietHours: window, now: at('2026-11-10T13:30:00Z') }, sent],
    ['at lunch, not at night', { quietHours: window, now: night }, sent],
    ['of whom it is night', { timeZone: 'Asia/Tokyo' }, 'defer quiet_hours 2026-11-10T23:00:00Z'],
    ['of whom it is day', { timeZone: 'Asia/Tokyo', now: at('2026-11-11T02:00:00Z') }, sent],
    [
      'on the clock of their own zone',
      { quietHours: { ...defaultQuietHours, timezone: 'Asia/Tokyo' } },
      'defer quiet_hours 2026-11-10T23:00:00Z',
    ],
    ['on a night of an hour more', autumn, 'defer quiet_hours 2026-11-01T13:00:00Z'],
    [
      'that end in an hour lived twice',
      { ...autumn, quietHours: { ...window, start: '22:00', end: '01:30' } },
      'defer quiet_hours 2026-11-01T05:30:00Z',
    ],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('the daily cap', () => {
  test.each<[string, Given, string]>([
    ['one place left', { cap: { max: 3, today: 2 } }, sent],
    ['none left', { cap: { max: 3, today: 3 } }, capped],
    ['more than none left', { cap: { max: 3, today: 4 } }, capped],
    ['the only one', { cap: { max: 1, today: 0 } }, sent],
    ['the only one is taken', { cap: { max: 1, today: 1 } }, capped],
    ['no place at all', { cap: { max: 0, today: 0 } }, capped],
    ['a rule of more places than were taken by others', { cap: { max: 5, today: 3 } }, sent],
    ['a rule of fewer', { cap: { max: 2, today: 3 } }, capped],
    [
      'is told when the digest is',
      { cap: full, digestAt: at('2026-11-16T07:00:00Z') },
      'cap daily_cap 2026-11-16T07:00:00Z',
    ],
    ['by every channel', { channels: [email, sms, push], cap: full }, capped],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

test('a zone that is none decides nothing, neither to send nor to hold', () => {
  expect(() => decideInterruption({ ...warning, timeZone: 'Mars/Olympus' })).toThrow(RangeError);
});

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
const caps = fc.option(fc.record({ max: fc.nat(4), today: fc.nat(5) }), { freq: 4 });

const worlds: fc.Arbitrary<InterruptionInput> = nights.chain(({ timeZone, now, times: [start, end] }) =>
  fc.record({
    severity: fc.constantFrom(...severities),
    isMuted: rarely(true, false),
    snoozedUntil: fc
      .tuple(rarely(true, false), fc.integer({ min: -2, max: 2 }))
      .map(([isSet, milliseconds]) => (isSet ? now.add({ milliseconds }) : null)),
    criticalInterrupts: fc.boolean(),
    channels: fc.uniqueArray(
      fc.record({ channel: fc.constantFrom(email.channel, sms.channel, push.channel), skip: skips }),
      { selector: ({ channel }) => channel },
    ),
    quietHours: fc.record({
      enabled: rarely(false, true),
      start: fc.constant(start),
      end: rarely(start, end),
      timezone: rarely<string | null>('Asia/Kathmandu', null),
    }),
    timeZone: fc.constant(timeZone),
    cap: caps,
    digestAt: fc.integer({ min: 1, max: 7 * 24 }).map((hours) => now.add({ hours })),
    now: fc.constant(now),
  }),
);

test('whatever the world, both ways decide alike, and every decision comes up', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(worlds, (world) => {
      const decision = decideInterruption(world);
      seen.add(decision.reason ?? say(decision));
      expect(say(decision)).toBe(modelDecision(world));
    }),
    { numRuns: 1000 },
  );
  const every = ['muted', 'snoozed', 'no_channel', 'quiet_hours', 'daily_cap', 'send', sent];
  expect([...seen].sort()).toEqual(every.sort());
});
