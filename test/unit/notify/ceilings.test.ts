/** Ceilings go before the other lines of the interruption policy, but for what is silent anyway. */
import { expect, test } from 'vitest';
import { decideInterruption, type InterruptionInput } from '../../../src/notify/decide/interruption.ts';
import { defaultQuietHours } from '../../../src/notify/decide/quiet-hours.ts';
import { modelDecision } from '../../support/reference/reference-interruption.ts';

type Given = Partial<InterruptionInput>;

const night = Temporal.Instant.from('2026-11-10T22:00:00Z');
const email = { channel: 'email', skip: null } as const;
const smsAtCeiling = { channel: 'sms', skip: 'ceiling' } as const;

const alert: InterruptionInput = {
  severity: 'warning',
  isMuted: false,
  snoozedUntil: null,
  criticalInterrupts: true,
  channels: [email],
  quietHours: defaultQuietHours,
  timeZone: 'UTC',
  cap: { max: 1000, today: 0 },
  personMax: null,
  digestAt: Temporal.Instant.from('2026-11-11T08:30:00Z'),
  now: Temporal.Instant.from('2026-11-10T12:00:00Z'),
};
const most = { max: 1000, today: 30 };

test.each<[string, Given, string, string?]>([
  ['the 31st interruption of a day', { cap: most }, 'cap', 'ceiling'],
  ['the 30th', { cap: { max: 1000, today: 29 } }, 'send'],
  ['a critical one beyond it', { cap: most, severity: 'critical' }, 'cap', 'ceiling'],
  ['one beyond it in quiet hours', { cap: most, now: night }, 'cap', 'ceiling'],
  ['one of a muted rule', { cap: most, isMuted: true }, 'in_app_only', 'muted'],
  ['one for a snoozed person', { cap: most, snoozedUntil: night }, 'defer', 'snoozed'],
  ['a digest', { severity: 'info', cap: null }, 'send'],
  ['one whose only channel is at its ceiling', { channels: [smsAtCeiling] }, 'cap', 'ceiling'],
  ['one with another channel', { channels: [email, smsAtCeiling] }, 'send'],
  [
    'one whose other channel has no address',
    { channels: [smsAtCeiling, { channel: 'email', skip: 'no_address' }] },
    'cap',
    'ceiling',
  ],
])('%s', (_name, given, verdict, reason) => {
  const input = { ...alert, ...given };
  expect(decideInterruption(input)).toMatchObject({ verdict, reason: reason ?? null });
  expect(modelDecision(input)).toContain(reason ?? 'send');
});
