import { describe, expect, test } from 'vitest';
import { decideInterruption, type InterruptionInput } from '../../src/domain/interruption.ts';

const rule: InterruptionInput = {
  isSilent: false,
  channels: ['in-app', 'email'],
  configured: new Set(['in-app', 'email']),
};

const told = { channel: 'in-app', status: 'pending', reason: null };

describe('decideInterruption', () => {
  test.each<[string, Partial<InterruptionInput>, string, string | null, unknown[]]>([
    ['a channel that works', {}, 'send', null, [{ channel: 'email', status: 'pending', reason: null }]],
    [
      'a muted rule',
      { isSilent: true },
      'in_app_only',
      'muted',
      [{ channel: 'email', status: 'skipped', reason: 'muted' }],
    ],
    [
      'no channel configured',
      { configured: new Set(['in-app']) },
      'in_app_only',
      'no_channel',
      [{ channel: 'email', status: 'skipped', reason: 'not_configured' }],
    ],
    [
      'one of two configured',
      { channels: ['sms', 'email'] },
      'send',
      null,
      [
        { channel: 'sms', status: 'skipped', reason: 'not_configured' },
        { channel: 'email', status: 'pending', reason: null },
      ],
    ],
    [
      'muted goes before not configured',
      { isSilent: true, channels: ['sms'] },
      'in_app_only',
      'muted',
      [{ channel: 'sms', status: 'skipped', reason: 'muted' }],
    ],
    ['in-app alone', { channels: ['in-app'] }, 'in_app_only', 'no_channel', []],
    ['no channels at all', { channels: [] }, 'in_app_only', 'no_channel', []],
  ])('%s', (_name, given, verdict, reason, interrupting) => {
    expect(decideInterruption({ ...rule, ...given })).toEqual({
      verdict,
      reason,
      deliveries: [told, ...interrupting],
    });
  });
});
