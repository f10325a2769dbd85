import { expect, test } from 'vitest';
import { decideConfirmation, type Recent } from '../../../src/accounts/address-confirmations.ts';
import { confirmationToken, readConfirmationToken } from '../../../src/accounts/confirmation-token.ts';

const now = Temporal.Instant.from('2026-11-10T12:00:00Z');
const ago = (minutes: number) => now.subtract({ minutes });
const message = (minutes: number, more: Partial<Recent> = {}): Recent => ({
  id: `sent ${minutes} minutes ago`,
  at: ago(minutes),
  isOwn: true,
  isSame: false,
  isUsed: false,
  ...more,
});
const others = (...minutes: number[]) => minutes.map((each) => message(each));
const ask = { kind: 'ask' };

test.each([
  ['none before asks', [], ask],
  ['one to another address just before asks', others(0), ask],
  ['four of the day ask', others(0, 1, 2, 3), ask],
  [
    'five of the day are refused until the first is a day old',
    others(0, 1, 2, 3, 60),
    { kind: 'refuse', until: ago(60).add({ hours: 24 }) },
  ],
  [
    'the same within the hour waits for that link',
    [message(59, { isSame: true })],
    { kind: 'keep', id: 'sent 59 minutes ago' },
  ],
  [
    'the same after five waits for its link',
    [...others(0, 1, 2, 3), message(4, { isSame: true })],
    { kind: 'keep', id: 'sent 4 minutes ago' },
  ],
  [
    'the same within the hour whose link was used is refused until it is over',
    [message(59, { isSame: true, isUsed: true })],
    { kind: 'refuse', until: now.add({ minutes: 1 }) },
  ],
  ['the same an hour ago, about another person, asks', [message(60, { isSame: true, isOwn: false })], ask],
  [
    'the same within the hour about another person is refused until it is over',
    [message(20, { isSame: true, isOwn: false }), ...others(50)],
    { kind: 'refuse', until: now.add({ minutes: 40 }) },
  ],
  ['the same an hour later asks', [message(60, { isSame: true })], ask],
])('%s', (_name, recent, expected) => {
  expect(decideConfirmation(recent, now)).toEqual(expected);
});

test('a token has 43 characters for a URL, and is read back', () => {
  const grant = {
    tenantId: '01a20366-d534-7ad4-baa5-cf2d9295768f',
    key: new Uint8Array(Array.from({ length: 16 }, (_, index) => 255 - index)),
  };
  const token = confirmationToken(grant);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(readConfirmationToken(token)).toEqual(grant);
  for (const wrong of ['', token.slice(1), `${token}AA`, token.replace(/.$/, '!')])
    expect(readConfirmationToken(wrong)).toBeNull();
});
