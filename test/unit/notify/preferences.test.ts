import { describe, expect, test } from 'vitest';
import {
  changePreferences,
  chosenChannels,
  type PreferenceChanges,
  type StoredPreferences,
} from '../../../src/notify/decide/preferences.ts';

const now = Temporal.Instant.from('2026-11-10T12:00:00Z');
const tomorrow = Temporal.Instant.from('2026-11-10T23:00:00Z');
const nothingSaid: StoredPreferences = {
  channels: null,
  quietHours: null,
  criticalInterrupts: true,
  digest: null,
  snoozeUntil: null,
};
const allSaid: StoredPreferences = {
  channels: { email: false },
  quietHours: { enabled: false, start: '22:00', end: '06:00', timezone: 'Asia/Tokyo' },
  criticalInterrupts: false,
  digest: { daily: false, weekly: true, at: '07:00' },
  snoozeUntil: tomorrow,
};

const change = (stored: StoredPreferences, changes: PreferenceChanges) =>
  changePreferences(stored, changes, { timeZone: 'Europe/Berlin', now });

describe('a change', () => {
  test.each<[string, StoredPreferences, PreferenceChanges, Partial<StoredPreferences>]>([
    ['of nothing leaves all', allSaid, {}, {}],
    ['adds a channel', allSaid, { channels: { sms: false } }, { channels: { email: false, sms: false } }],
    ['switches a channel on again', allSaid, { channels: { email: true } }, { channels: null }],
    ['forgets what was on anyway', nothingSaid, { channels: { push: true } }, { channels: null }],
    [
      'of quiet hours begins with the default',
      nothingSaid,
      { quietHours: { end: '07:00' } },
      { quietHours: { enabled: true, start: '20:00', end: '07:00', timezone: null } },
    ],
    [
      'of quiet hours keeps what was said',
      allSaid,
      { quietHours: { enabled: true, timezone: null } },
      { quietHours: { enabled: true, start: '22:00', end: '06:00', timezone: null } },
    ],
    ['forgets the quiet hours', allSaid, { quietHours: null }, { quietHours: null }],
    ['lets critical alerts through', allSaid, { criticalInterrupts: true }, { criticalInterrupts: true }],
    [
      'of the digest begins with the default',
      nothingSaid,
      { digest: { weekly: true } },
      { digest: { daily: true, weekly: true, at: '08:30' } },
    ],
    ['forgets the digest', allSaid, { digest: null }, { digest: null }],
    ['ends a snooze', allSaid, { snoozeUntil: null }, { snoozeUntil: null }],
    [
      'snoozes until a day of the person’s',
      nothingSaid,
      { snoozeUntil: Temporal.PlainDate.from('2026-11-11') },
      { snoozeUntil: tomorrow },
    ],
  ])('%s', (_what, stored, changes, wanted) => {
    expect(change(stored, changes)).toEqual({ ...stored, ...wanted });
  });
});

test('every channel that was not switched off is on', () => {
  expect(chosenChannels(null)).toEqual({ email: true, sms: true, push: true });
  expect(chosenChannels({ sms: false })).toEqual({ email: true, sms: false, push: true });
});
