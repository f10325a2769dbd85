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

test('an unsubscribe token names the tenant, the person, the channel and the key', () => {
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

test('an unsubscribe token for the longest user id fits into a URL path', () => {
  expect(unsubscribeToken({ ...grant, userId: '😀'.repeat(128) }).length).toBeLessThanOrEqual(750);
});

const [named = ''] = token.split('.');
const withChannel = (number: number): string => {
  const bytes = Uint8Array.fromBase64(named, { alphabet: 'base64url' });
  bytes[16] = number;
  return `${bytes.toBase64({ alphabet: 'base64url', omitPadding: true })}.${key}`;
};

test('channels keep their numbers in a token, because sent tokens contain them', () => {
  expect([0, 1, 2].map((number) => readUnsubscribeToken(withChannel(number))?.channel)).toEqual([
    'email',
    'sms',
    'push',
  ]);
});

test.each([
  ['an empty text', ''],
  ['a token without a key', named],
  ['a token with a short key', token.slice(0, -1)],
  ['a token with a long key', `${token}k`],
  ['a token with a line break at its end', `${token}\n`],
  ['a token without a person', `${unsubscribeToken({ ...grant, userId: '' }).split('.')[0]}.${key}`],
  ['a token without a channel', `${'A'.repeat(22)}.${key}`],
  ['a token with an unknown channel', withChannel(3)],
  ['a token with an invalid user id', unsubscribeToken({ ...grant, userId: 'a\nb' })],
  ['a token with bytes that are not UTF-8', `${named}_w.${key}`],
  ['a token outside the base64url alphabet', token.replace('A', '+')],
])('%s is refused', (_name, text) => {
  expect(readUnsubscribeToken(text)).toBeNull();
});
