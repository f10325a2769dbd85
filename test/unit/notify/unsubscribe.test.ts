import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isIdentifier } from '../../../src/values/identifier.ts';
import { readUnsubscribeToken, unsubscribeToken } from '../../../src/notify/decide/unsubscribe.ts';
import { interruptingChannels } from '../../../src/values/channels.ts';

const key = 'k'.repeat(43);
const grant = {
  tenantId: '01890000-0000-7000-8000-00000000abcd',
  userId: 'u1',
  channel: 'email' as const,
  key,
};
const token = unsubscribeToken(grant);

test('a token says whose channel it ends', () => {
  const named = fc.record({
    tenantId: fc.uuid(),
    userId: fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }).filter(isIdentifier),
    channel: fc.constantFrom(...interruptingChannels),
    key: fc.stringMatching(/^[\w-]{43}$/),
  });
  fc.assert(
    fc.property(named, (given) => {
      const written = unsubscribeToken(given);
      expect(written).toMatch(/^[\w-]+\.[\w-]{43}$/);
      expect(readUnsubscribeToken(written)).toEqual(given);
    }),
  );
});

test('a token of the longest id fits into a path', () => {
  expect(unsubscribeToken({ ...grant, userId: '😀'.repeat(128) }).length).toBeLessThanOrEqual(750);
});

const [named = ''] = token.split('.');
const withChannel = (place: number): string => {
  const bytes = Uint8Array.fromBase64(named, { alphabet: 'base64url' });
  bytes[16] = place;
  return `${bytes.toBase64({ alphabet: 'base64url', omitPadding: true })}.${key}`;
};

test('channels keep their places, since tokens were sent', () => {
  expect([0, 1, 2].map((place) => readUnsubscribeToken(withChannel(place))?.channel)).toEqual([
    'email',
    'sms',
    'push',
  ]);
});

test.each([
  ['nothing', ''],
  ['no key', named],
  ['a short key', token.slice(0, -1)],
  ['a long key', `${token}k`],
  ['a line after it', `${token}\n`],
  ['no person', `${unsubscribeToken({ ...grant, userId: '' }).split('.')[0]}.${key}`],
  ['no channel', `${'A'.repeat(22)}.${key}`],
  ['an unknown channel', withChannel(3)],
  ['a person no id can name', unsubscribeToken({ ...grant, userId: 'a\nb' })],
  ['bytes that are no text', `${named}_w.${key}`],
  ['other signs', token.replace('A', '+')],
])('%s is no token', (_what, text) => {
  expect(readUnsubscribeToken(text)).toBeNull();
});
