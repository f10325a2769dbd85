import { describe, expect, test } from 'vitest';
import {
  changePreferences,
  chosenChannels,
  type PreferenceChanges,
  type StoredPreferences,
} from '../../../src/notify/decide/preferences.ts';

const now = Temporal.Instant.from('2026-11-10T12:00:00Z');
const tomorrow = Temporal.Instant.from('2026-11-10T23:00:00Z');
const defaults: StoredPreferences = {
  channels: null,
  quietHours: null,
  criticalInterrupts: true,
  digest: null,
  snoozeUntil: null,
  maxNotificationsPerDay: null,
  anomalies: null,
};
const chosen: StoredPreferences = {
  channels: { email: false },
  quietHours: { enabled: false, start: '22:00', end: '06:00', timezone: 'Asia/Tokyo' },
  criticalInterrupts: false,
  digest: { daily: false, weekly: true, at: '07:00' },
  snoozeUntil: tomorrow,
  maxNotificationsPerDay: 2,
  anomalies: { new_recurring: false },
};

const change = (stored: StoredPreferences, changes: PreferenceChanges) =>
  changePreferences(stored, changes, { timeZone: 'Europe/Berlin', now });

describe('a change of preferences', () => {
  test.each<[string, StoredPreferences, PreferenceChanges, Partial<StoredPreferences>]>([
    ['without fields changes nothing', chosen, {}, {}],
    [
      'switches a type of anomaly off, and the others stay',
      chosen,
      { anomalies: { missed_charge: false } },
      { anomalies: { missed_charge: false, new_recurring: false } },
    ],
    [
      'switches a type of anomaly on again',
      chosen,
      { anomalies: { new_recurring: true } },
      { anomalies: null },
    ],
    [
      'adds a channel that is switched off',
      chosen,
      { channels: { sms: false } },
      { channels: { email: false, sms: false } },
    ],
    ['switches a channel on again', chosen, { channels: { email: true } }, { channels: null }],
    [
      'stores nothing for a channel that was on anyway',
      defaults,
      { channels: { push: true } },
      { channels: null },
    ],
    [
      'of quiet hours starts from the default',
      defaults,
      { quietHours: { end: '07:00' } },
      { quietHours: { enabled: true, start: '20:00', end: '07:00', timezone: null } },
    ],
    [
      'of quiet hours keeps the fields that it does not name',
      chosen,
      { quietHours: { enabled: true, timezone: null } },
      { quietHours: { enabled: true, start: '22:00', end: '06:00', timezone: null } },
    ],
    ['of quiet hours to null restores the default', chosen, { quietHours: null }, { quietHours: null }],
    ['lets critical alerts through', chosen, { criticalInterrupts: true }, { criticalInterrupts: true }],
    [
      'of the digest starts from the default',
      defaults,
      { digest: { weekly: true } },
      { digest: { daily: true, weekly: true, at: '08:30' } },
    ],
    ['of the digest to null restores the default', chosen, { digest: null }, { digest: null }],
    ['ends a snooze', chosen, { snoozeUntil: null }, { snoozeUntil: null }],
    [
      'snoozes until the start of a local day',
      defaults,
      { snoozeUntil: Temporal.PlainDate.from('2026-11-11') },
      { snoozeUntil: tomorrow },
    ],
    ['bounds a day', defaults, { maxNotificationsPerDay: 1 }, { maxNotificationsPerDay: 1 }],
    ['changes the bound of a day', chosen, { maxNotificationsPerDay: 9 }, { maxNotificationsPerDay: 9 }],
    ['lifts the bound of a day', chosen, { maxNotificationsPerDay: null }, { maxNotificationsPerDay: null }],
  ])('%s', (_name, stored, changes, wanted) => {
    expect(change(stored, changes)).toEqual({ ...stored, ...wanted });
  });
});

test('every channel that was not switched off is on', () => {
  expect(chosenChannels(null)).toEqual({ email: true, sms: true, push: true });
  expect(chosenChannels({ sms: false })).toEqual({ email: true, sms: false, push: true });
});
