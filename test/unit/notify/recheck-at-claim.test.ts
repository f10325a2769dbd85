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
const rule = { isActive: true, isMuted: false, snoozeUntil: null, quietHours: null };
const ended = { ...rule, isActive: false };
const state: ClaimedState = {
  channel: 'email',
  severity: 'warning',
  preferences: preferences,
  rules: [rule],
  mayHaveGone: false,
};

const held = (forMs: number) => ({ kind: 'postponed', reason: 'quiet_hours', forMs });
const skipped = (reason: string) => ({ kind: 'skipped', reason });
const night = { preferences: { ...preferences, quietHours: defaultQuietHours } };

describe('what is claimed', () => {
  test.each<[string, Partial<ClaimedState>, unknown]>([
    ['is sent', {}, null],
    ['about no rule is sent', { rules: [] }, null],
    ['in the night waits for its end', night, held(hours(10))],
    ['about no rule keeps to its person’s night', { ...night, rules: [] }, held(hours(10))],
    [
      'in the rule’s own night waits for that',
      { rules: [{ ...rule, quietHours: quietTill('06:00') }] },
      held(hours(8)),
    ],
    [
      'in the person’s night, not in the rule’s, is sent',
      { ...night, rules: [{ ...rule, quietHours: awake }] },
      null,
    ],
    [
      'waits for the last of several nights',
      {
        rules: [
          rule,
          { ...rule, quietHours: quietTill('06:00') },
          { ...rule, quietHours: quietTill('07:00') },
        ],
      },
      held(hours(9)),
    ],
    ['and critical is sent in the night', { ...night, severity: 'critical' }, null],
    [
      'and critical waits where that interrupts nobody',
      { severity: 'critical', preferences: { ...night.preferences, criticalInterrupts: false } },
      held(hours(10)),
    ],
    [
      'for one who opted out is skipped',
      { preferences: { ...preferences, skip: { ...preferences.skip, email: 'opted_out' } } },
      skipped('opted_out'),
    ],
    ['for one without an address is skipped', { channel: 'sms' }, skipped('no_address')],
    ['for an address that bounced is skipped', { channel: 'push', severity: 'critical' }, skipped('bounced')],
    [
      'for one who snoozes is skipped',
      { ...night, preferences: { ...night.preferences, snoozeUntil: until(1) } },
      skipped('snoozed'),
    ],
    ['for one whose snooze is over is sent', { preferences: { ...preferences, snoozeUntil: now } }, null],
    ['of a snoozed rule is skipped', { rules: [{ ...rule, snoozeUntil: until(1) }] }, skipped('snoozed')],
    ['of a muted rule is skipped', { rules: [{ ...rule, isMuted: true }] }, skipped('muted')],
    ['of a rule that is off is skipped', { severity: 'critical', rules: [ended] }, skipped('rule_disabled')],
    ['of several rules that are off is skipped', { rules: [ended, ended] }, skipped('rule_disabled')],
    ['of several rules is sent while one is on', { rules: [ended, rule] }, null],
    ['of several rules is sent while one is heard', { rules: [{ ...rule, isMuted: true }, rule] }, null],
    ['waits for no rule that is off', { rules: [{ ...ended, quietHours: defaultQuietHours }, rule] }, null],
  ])('%s', (_name, given, expected) => {
    expect(recheckAtClaim({ ...state, ...given }, now)).toEqual(expected);
  });
});

describe('what a crash left half-way', () => {
  test.each<[string, Partial<ClaimedState>, unknown]>([
    ['is sent', {}, null],
    ['waits for the morning', night, held(hours(10))],
    ['is not said to have been skipped', { rules: [ended] }, { kind: 'unknown', reason: 'crashed' }],
    ['is not sent to who has opted out', { channel: 'sms' }, { kind: 'unknown', reason: 'crashed' }],
  ])('%s', (_name, given, expected) => {
    expect(recheckAtClaim({ ...state, ...given, mayHaveGone: true }, now)).toEqual(expected);
  });
});
