import { describe, expect, test } from 'vitest';
import { type ClaimedState, recheckAtClaim } from '../../../src/notify/decide/recheck-at-claim.ts';
import { defaultQuietHours } from '../../../src/notify/decide/quiet-hours.ts';
import type { InterruptionPreferences } from '../../../src/notify/decide/policy.ts';

const now = Temporal.Instant.from('2026-11-10T22:00:00Z');
const hours = (count: number): number => count * 3_600_000;
const until = (count: number) => now.add({ hours: count });

const awake = { enabled: false, start: '20:00', end: '08:00', timezone: null };
const quietTill = (end: string) => ({ ...defaultQuietHours, end });

const preferences: InterruptionPreferences = {
  timeZone: 'UTC',
  snoozeUntil: null,
  criticalInterrupts: true,
  quietHours: awake,
  skip: { email: null, sms: 'no_address', push: 'bounced' },
};
const rule: ClaimedState['rules'][number] = {
  isActive: true,
  isMuted: false,
  snoozeUntil: null,
  quietHours: null,
  channels: ['in-app', 'email', 'sms', 'push'],
};
const inAppRule: typeof rule = { ...rule, channels: ['in-app'] };
const ended = { ...rule, isActive: false };
const state: ClaimedState = {
  channel: 'email',
  severity: 'warning',
  preferences: preferences,
  rules: [rule],
  stale: null,
  mayHaveGone: false,
};

const postponed = (forMs: number) => ({ kind: 'postponed', reason: 'quiet_hours', forMs });
const aSnooze = { kind: 'postponed', reason: 'snoozed', forMs: 300_000 };
const skipped = (reason: string) => ({ kind: 'skipped', reason });
const stale = (reason: string) => ({ ...skipped(reason), isStale: true });
const night = { preferences: { ...preferences, quietHours: defaultQuietHours } };

describe('a claimed delivery', () => {
  test.each<[string, Partial<ClaimedState>, unknown]>([
    ['is sent', {}, null],
    ['without a rule is sent', { rules: [] }, null],
    ['in quiet hours waits for their end', night, postponed(hours(10))],
    [
      'without a rule waits for the end of the person’s quiet hours',
      { ...night, rules: [] },
      postponed(hours(10)),
    ],
    [
      'in the rule’s quiet hours waits for their end',
      { rules: [{ ...rule, quietHours: quietTill('06:00') }] },
      postponed(hours(8)),
    ],
    [
      'in the person’s quiet hours, with a rule that has none, is sent',
      { ...night, rules: [{ ...rule, quietHours: awake }] },
      null,
    ],
    [
      'of several rules waits for the end of the last quiet hours',
      {
        rules: [
          rule,
          { ...rule, quietHours: quietTill('06:00') },
          { ...rule, quietHours: quietTill('07:00') },
        ],
      },
      postponed(hours(9)),
    ],
    ['of a critical alert is sent in quiet hours', { ...night, severity: 'critical' }, null],
    [
      'of a critical alert waits if the person switched off critical interrupts',
      { severity: 'critical', preferences: { ...night.preferences, criticalInterrupts: false } },
      postponed(hours(10)),
    ],
    [
      'to a person opted out of the channel is skipped',
      { preferences: { ...preferences, skip: { ...preferences.skip, email: 'opted_out' } } },
      skipped('opted_out'),
    ],
    ['to a person without an address is skipped', { channel: 'sms' }, skipped('no_address')],
    ['to a bounced address is skipped', { channel: 'push', severity: 'critical' }, skipped('bounced')],
    [
      'to a person with a snooze of a minute waits for its end',
      { preferences: { ...preferences, snoozeUntil: now.add({ minutes: 1 }) } },
      { kind: 'postponed', reason: 'snoozed', forMs: 60_000 },
    ],
    [
      'of a critical alert to a snoozed person waits, and asks again in five minutes',
      { severity: 'critical', preferences: { ...preferences, snoozeUntil: until(1) } },
      aSnooze,
    ],
    [
      'to a snoozed person in quiet hours that last longer waits for these',
      { ...night, preferences: { ...night.preferences, snoozeUntil: until(1) } },
      postponed(hours(10)),
    ],
    ['to a person with an ended snooze is sent', { preferences: { ...preferences, snoozeUntil: now } }, null],
    ['of a snoozed rule waits', { rules: [{ ...rule, snoozeUntil: until(1) }] }, aSnooze],
    [
      'of several rules is sent while one is not snoozed',
      { rules: [rule, { ...rule, snoozeUntil: until(1) }] },
      null,
    ],
    [
      'of a muted and a snoozed rule waits',
      {
        rules: [
          { ...rule, isMuted: true },
          { ...rule, snoozeUntil: until(1) },
        ],
      },
      aSnooze,
    ],
    ['of a rule that has lost the channel is skipped', { rules: [inAppRule] }, skipped('opted_out')],
    ['of several rules is sent while one has the channel', { rules: [inAppRule, rule] }, null],
    ['of a muted rule is skipped', { rules: [{ ...rule, isMuted: true }] }, skipped('muted')],
    ['of a disabled rule is stale', { severity: 'critical', rules: [ended] }, stale('rule_disabled')],
    ['of several disabled rules is stale', { rules: [ended, ended] }, stale('rule_disabled')],
    ['of an alert that does not hold is stale', { stale: 'no_longer_reached' }, stale('no_longer_reached')],
    ['that is stale does not wait for quiet hours', { ...night, stale: 'overtaken' }, stale('overtaken')],
    ['of several rules is sent while one is active', { rules: [ended, rule] }, null],
    ['of several rules is sent while one is not muted', { rules: [{ ...rule, isMuted: true }, rule] }, null],
    [
      'does not wait for the quiet hours of a disabled rule',
      { rules: [{ ...ended, quietHours: defaultQuietHours }, rule] },
      null,
    ],
  ])('%s', (_name, given, expected) => {
    expect(recheckAtClaim({ ...state, ...given }, now)).toEqual(expected);
  });
});

describe('a delivery that a crash may have left sent', () => {
  test.each<[string, Partial<ClaimedState>, unknown]>([
    ['is sent again', {}, null],
    ['in quiet hours waits for their end', night, postponed(hours(10))],
    [
      'of a disabled rule is unknown, not skipped',
      { rules: [ended] },
      { kind: 'unknown', reason: 'crashed' },
    ],
    [
      'of an alert that does not hold is unknown, not skipped',
      { stale: 'no_longer_reached' },
      { kind: 'unknown', reason: 'crashed' },
    ],
    [
      'without an address is unknown, not skipped',
      { channel: 'sms' },
      { kind: 'unknown', reason: 'crashed' },
    ],
  ])('%s', (_name, given, expected) => {
    expect(recheckAtClaim({ ...state, ...given, mayHaveGone: true }, now)).toEqual(expected);
  });
});
