import { describe, expect, test } from 'vitest';
import {
  decideInterruption,
  type InterruptionVerdict,
  type InterruptionInput,
  type SkipReason,
} from '../../../src/notify/decide/interruption.ts';
import { defaultQuietHours } from '../../../src/notify/decide/quiet-hours.ts';
import { modelDecision } from '../../support/reference/reference-interruption.ts';
import { say } from '../../support/reference/interruption-verdict.ts';

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

/** A warning by email at noon UTC; nothing counts against the quota of three yet. */
const warning: InterruptionInput = {
  severity: 'warning',
  isMuted: false,
  snoozedUntil: null,
  criticalInterrupts: true,
  channels: [email],
  quietHours: defaultQuietHours,
  timeZone: 'UTC',
  cap: { max: 3, today: 0 },
  personMax: null,
  digestAt: at('2026-11-11T08:30:00Z'),
  now: noon,
};
const full = { max: 3, today: 3 };
const digest: Given = { severity: 'info', cap: null };

const sent = 'send, counted';
const muted = 'in_app_only muted';
const snoozed = 'defer snoozed 2026-11-10T22:00:00Z';
const noChannel = 'in_app_only no_channel';
const deferred = 'defer quiet_hours 2026-11-11T08:00:00Z';
const capped = 'cap daily_cap 2026-11-11T08:30:00Z';

/** Returns the decision and the decision of the reference model. */
function both(given: Given): [string, string] {
  const input = { ...warning, ...given };
  return [say(decideInterruption(input)), modelDecision(input)];
}

describe('the verdict of a notification that is', () => {
  test.each<[string, Given, InterruptionVerdict]>([
    ['sent', {}, { verdict: 'send', reason: null, until: null, countsAgainstQuota: true }],
    [
      'sent without counting against the quota',
      { cap: null },
      { verdict: 'send', reason: null, until: null, countsAgainstQuota: false },
    ],
    ['in the app alone', { isMuted: true }, { verdict: 'in_app_only', reason: 'muted', until: null }],
    [
      'deferred',
      { now: night },
      { verdict: 'defer', reason: 'quiet_hours', until: at('2026-11-11T08:00:00Z') },
    ],
    ['capped', { cap: full }, { verdict: 'cap', reason: 'daily_cap', until: warning.digestAt }],
  ])('%s', (_name, given, decision) => {
    expect(decideInterruption({ ...warning, ...given })).toEqual(decision);
  });
});

describe('a notification without an obstacle is sent:', () => {
  test.each<[string, Given, string]>([
    ['a warning at noon', {}, sent],
    ['an info', { severity: 'info' }, sent],
    ['a danger', { severity: 'danger' }, sent],
    ['a critical one', { severity: 'critical' }, sent],
    ['a critical one without critical interrupts', { severity: 'critical', criticalInterrupts: false }, sent],
    ['one on several channels', { channels: [email, sms, push] }, sent],
    ['a digest', digest, 'send'],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('a notification of a muted rule', () => {
  test.each<[string, Given, string]>([
    ['stays in the app', { isMuted: true }, muted],
    ['stays in the app if critical', { isMuted: true, severity: 'critical' }, muted],
    ['is muted rather than snoozed', { isMuted: true, snoozedUntil: night }, muted],
    ['is muted rather than without a channel', { isMuted: true, channels: [] }, muted],
    ['is muted rather than deferred', { isMuted: true, now: night }, muted],
    ['is muted rather than capped', { isMuted: true, cap: full }, muted],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('a notification to a snoozed person', () => {
  const snooze = { snoozedUntil: night };
  const morning = at('2026-11-11T08:00:00Z');
  test.each<[string, Given, string]>([
    ['waits for the end of the snooze', snooze, snoozed],
    [
      'waits to the last nanosecond',
      { snoozedUntil: justAfter(noon) },
      `defer snoozed ${justAfter(noon).toString()}`,
    ],
    ['is sent when the snooze ends', { snoozedUntil: noon }, sent],
    ['is sent just after the snooze', { snoozedUntil: justBefore(noon) }, sent],
    ['is sent long after the snooze', { snoozedUntil: at('2020-01-01T00:00:00Z') }, sent],
    ['waits if critical', { ...snooze, severity: 'critical' }, snoozed],
    ['waits if it is a digest', { ...snooze, ...digest }, snoozed],
    ['is snoozed rather than without a channel', { ...snooze, channels: [] }, snoozed],
    [
      'waits for quiet hours that end after the snooze',
      { snoozedUntil: justAfter(night), now: night },
      deferred,
    ],
    [
      'waits for a snooze that ends with the quiet hours',
      { snoozedUntil: morning, now: night },
      'defer snoozed 2026-11-11T08:00:00Z',
    ],
    [
      'waits for a snooze that ends after the quiet hours',
      { snoozedUntil: justAfter(morning), now: night },
      `defer snoozed ${justAfter(morning).toString()}`,
    ],
    [
      'waits for the snooze alone if critical in quiet hours',
      { snoozedUntil: justAfter(night), now: night, severity: 'critical' },
      `defer snoozed ${justAfter(night).toString()}`,
    ],
    ['is snoozed rather than capped', { ...snooze, cap: full }, snoozed],
    ['is deferred if the snooze ends in quiet hours', { snoozedUntil: night, now: night }, deferred],
    ['is capped if the snooze ends with the quota used up', { snoozedUntil: noon, cap: full }, capped],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('a notification', () => {
  test.each<[string, Given, string]>([
    ['without channels stays in the app', { channels: [] }, noChannel],
    ['with its channel opted out stays in the app', { channels: [skipped('opted_out')] }, noChannel],
    ['with no address stays in the app', { channels: [skipped('no_address')] }, noChannel],
    ['with a bounced address stays in the app', { channels: [skipped('bounced')] }, noChannel],
    ['with no configured channel stays in the app', { channels: [skipped('not_configured')] }, noChannel],
    [
      'with two channels skipped stays in the app',
      { channels: [skipped('bounced'), { ...push, skip: 'no_address' }] },
      noChannel,
    ],
    ['with only its second channel skipped is sent', { channels: [email, skipped('opted_out')] }, sent],
    ['with only its first channel skipped is sent', { channels: [skipped('opted_out'), email] }, sent],
    ['that is critical without channels stays in the app', { channels: [], severity: 'critical' }, noChannel],
    ['of a digest without channels stays in the app', { channels: [], ...digest }, noChannel],
    ['with no channel left is not deferred', { channels: [skipped('bounced')], now: night }, noChannel],
    ['with no channel left is not capped', { channels: [skipped('bounced')], cap: full }, noChannel],
    ['with one channel left is deferred', { channels: [skipped('bounced'), email], now: night }, deferred],
    ['with one channel left is capped', { channels: [skipped('bounced'), email], cap: full }, capped],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('a critical notification', () => {
  const critical: Given = { severity: 'critical' };
  const likeOthers: Given = { severity: 'critical', criticalInterrupts: false };
  test.each<[string, Given, string]>([
    ['is sent in quiet hours', { ...critical, now: night }, sent],
    ['is sent with the quota used up', { ...critical, cap: full }, sent],
    ['is sent in quiet hours with the quota used up', { ...critical, now: night, cap: full }, sent],
    ['counts against an exceeded quota', { ...critical, cap: { max: 3, today: 7 } }, sent],
    ['without a quota does not count', { ...critical, now: night, cap: null }, 'send'],
    ['after a snooze is sent in quiet hours', { ...critical, snoozedUntil: night, now: night }, sent],
    ['is deferred if the person switched off critical interrupts', { ...likeOthers, now: night }, deferred],
    ['is capped if the person switched off critical interrupts', { ...likeOthers, cap: full }, capped],
    ['is sent in quiet hours, but one of danger is deferred', { severity: 'danger', now: night }, deferred],
    ['is sent over the quota, but one of danger is capped', { severity: 'danger', cap: full }, capped],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('a notification in or near quiet hours', () => {
  const window = { enabled: true, start: '12:00', end: '13:30', timezone: null };
  const evening = at('2026-11-10T20:00:00Z');
  const morning = at('2026-11-11T08:00:00Z');
  const autumn = { timeZone: 'America/New_York', now: at('2026-11-01T04:00:00Z') };
  test.each<[string, Given, string]>([
    ['is sent just before they begin', { now: justBefore(evening) }, sent],
    ['is deferred as they begin', { now: evening }, deferred],
    ['is deferred at midnight', { now: at('2026-11-11T00:00:00Z') }, deferred],
    ['is deferred just before they end', { now: justBefore(morning) }, deferred],
    ['is sent as they end', { now: morning }, sent],
    ['is deferred if it is an info', { severity: 'info', now: night }, deferred],
    ['is deferred if it is a digest', { ...digest, now: night }, deferred],
    ['is deferred on every channel', { channels: [email, sms, push], now: night }, deferred],
    ['is deferred rather than capped', { now: night, cap: full }, deferred],
    [
      'is sent if they are switched off',
      { quietHours: { ...defaultQuietHours, enabled: false }, now: night },
      sent,
    ],
    [
      'is capped if they are off and the quota is full',
      { quietHours: { ...window, enabled: false }, cap: full },
      capped,
    ],
    ['is sent if they have no length', { quietHours: { ...window, end: '12:00' } }, sent],
    ['is deferred as they begin at noon', { quietHours: window }, 'defer quiet_hours 2026-11-10T13:30:00Z'],
    ['is sent just before they begin at noon', { quietHours: window, now: justBefore(noon) }, sent],
    ['is sent as they end at half past one', { quietHours: window, now: at('2026-11-10T13:30:00Z') }, sent],
    ['is sent at night if they are at noon', { quietHours: window, now: night }, sent],
    ['is deferred where it is night', { timeZone: 'Asia/Tokyo' }, 'defer quiet_hours 2026-11-10T23:00:00Z'],
    ['is sent where it is day', { timeZone: 'Asia/Tokyo', now: at('2026-11-11T02:00:00Z') }, sent],
    [
      'is deferred by the time zone of the quiet hours',
      { quietHours: { ...defaultQuietHours, timezone: 'Asia/Tokyo' } },
      'defer quiet_hours 2026-11-10T23:00:00Z',
    ],
    [
      'is deferred to the end of a night that is an hour longer',
      autumn,
      'defer quiet_hours 2026-11-01T13:00:00Z',
    ],
    [
      'is deferred to the first of two equal times when clocks go back',
      { ...autumn, quietHours: { ...window, start: '22:00', end: '01:30' } },
      'defer quiet_hours 2026-11-01T05:30:00Z',
    ],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

describe('a notification under the daily quota', () => {
  test.each<[string, Given, string]>([
    ['is sent if two interruptions are left', { cap: { max: 3, today: 1 } }, sent],
    ['is capped if the last interruption is left', { cap: { max: 3, today: 2 } }, capped],
    ['of info is capped if the last is left', { severity: 'info', cap: { max: 3, today: 2 } }, capped],
    ['of danger takes the last interruption', { severity: 'danger', cap: { max: 3, today: 2 } }, sent],
    [
      'that is critical takes the last though it may not pass the quota',
      { severity: 'critical', criticalInterrupts: false, cap: { max: 3, today: 2 } },
      sent,
    ],
    ['of danger is capped if none is left', { severity: 'danger', cap: { max: 3, today: 3 } }, capped],
    ['is sent first under a quota of two', { cap: { max: 2, today: 0 } }, sent],
    ['is capped second under a quota of two', { cap: { max: 2, today: 1 } }, capped],
    [
      'of danger is sent second under a quota of two',
      { severity: 'danger', cap: { max: 2, today: 1 } },
      sent,
    ],
    ['is capped if none is left', { cap: { max: 3, today: 3 } }, capped],
    ['is capped if the quota is exceeded', { cap: { max: 3, today: 4 } }, capped],
    ['is sent under a quota of one', { cap: { max: 1, today: 0 } }, sent],
    ['is capped if a quota of one is used up', { cap: { max: 1, today: 1 } }, capped],
    ['is capped under a quota of zero', { cap: { max: 0, today: 0 } }, capped],
    ['is sent if its rule has a larger quota', { cap: { max: 5, today: 3 } }, sent],
    [
      'of a recovery is sent whatever the quota, and does not count',
      { cap: { max: null, today: 29 } },
      'send',
    ],
    [
      'of a recovery meets the ceiling',
      { cap: { max: null, today: 30 } },
      'cap ceiling 2026-11-11T08:30:00Z',
    ],
    ['of a recovery is deferred by quiet hours', { cap: { max: null, today: 3 }, now: night }, deferred],
    ['is capped if its rule has a smaller quota', { cap: { max: 2, today: 3 } }, capped],
    [
      'is capped until the next digest',
      { cap: full, digestAt: at('2026-11-16T07:00:00Z') },
      'cap daily_cap 2026-11-16T07:00:00Z',
    ],
    ['is capped on every channel', { channels: [email, sms, push], cap: full }, capped],
  ])('%s', (_name, given, decision) => {
    expect(both(given)).toEqual([decision, decision]);
  });
});

test('an unknown time zone throws instead of deciding', () => {
  expect(() => decideInterruption({ ...warning, timeZone: 'Mars/Olympus' })).toThrow(RangeError);
});
