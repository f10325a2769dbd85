import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isIdentifier } from '../../../src/values/identifier.ts';
import {
  readUnsubscribeToken,
  scopeOf,
  type StopScope,
  unsubscribeToken,
} from '../../../src/notify/decide/unsubscribe.ts';
import { interruptingChannels } from '../../../src/values/channels.ts';
import type { NotificationContent } from '../../../src/notify/decide/content.ts';
import { groceries } from '../../support/worlds/alert-facts.ts';

const key = 'k'.repeat(43);
const grant = {
  tenantId: '01890000-0000-7000-8000-00000000abcd',
  userId: 'u1',
  channel: 'email' as const,
  scope: { subject: 'channel' as const },
  key,
};
const token = unsubscribeToken(grant);

const scopes: fc.Arbitrary<StopScope> = fc.oneof(
  fc.record({ subject: fc.constantFrom('channel', 'daily_summary', 'weekly_summary') }),
  fc.record({ subject: fc.constant('rule'), ruleId: fc.uuid() }),
  fc.record({ subject: fc.constant('rules'), notificationId: fc.uuid() }),
);

test('an unsubscribe token names the tenant, the person, the channel, what it ends and the key', () => {
  const named = fc.record({
    tenantId: fc.uuid(),
    userId: fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }).filter(isIdentifier),
    channel: fc.constantFrom(...interruptingChannels),
    scope: scopes,
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
  const scope = { subject: 'rule', ruleId: grant.tenantId } as const;
  expect(unsubscribeToken({ ...grant, scope, userId: '😀'.repeat(128) }).length).toBeLessThanOrEqual(772);
});

const [named = ''] = token.split('.');
const withKind = (number: number): string => {
  const bytes = Uint8Array.fromBase64(named, { alphabet: 'base64url' });
  bytes[16] = number;
  return `${bytes.toBase64({ alphabet: 'base64url', omitPadding: true })}.${key}`;
};

test('channels keep their numbers in a token, because sent tokens contain them', () => {
  expect([0, 1, 2].map((number) => readUnsubscribeToken(withKind(number))?.channel)).toEqual([
    'email',
    'sms',
    'push',
  ]);
});

test('a token of an earlier version ends its whole channel', () => {
  expect(readUnsubscribeToken(withKind(0))).toEqual(grant);
});

test.each([
  ['an alert', groceries, 'email', { subject: 'rule', ruleId: 'r1' }],
  ['a recovery', { ...groceries, type: 'recovery' }, 'sms', { subject: 'rule', ruleId: 'r1' }],
  [
    'a roll-up of one rule',
    { type: 'roll_up', alerts: [groceries, groceries] },
    'email',
    { subject: 'rule', ruleId: 'r1' },
  ],
  [
    'a roll-up of two rules',
    { type: 'roll_up', alerts: [groceries, { ...groceries, ruleId: 'r2' }] },
    'email',
    { subject: 'rules', notificationId: 'n1' },
  ],
  [
    'a daily digest',
    { type: 'daily_summary', day: '2026-11-20', alerts: [groceries] },
    'email',
    { subject: 'daily_summary' },
  ],
  [
    'a weekly digest',
    { type: 'weekly_summary', day: '2026-11-16', alerts: [] },
    'email',
    { subject: 'weekly_summary' },
  ],
  [
    'the alerts of a digest, as a text message',
    { type: 'daily_summary', day: '2026-11-20', alerts: [groceries] },
    'sms',
    { subject: 'rule', ruleId: 'r1' },
  ],
] as const)('the link in %s ends what that is', (_name, content, channel, scope) => {
  expect(scopeOf(content as NotificationContent, channel, 'n1')).toEqual(scope);
});

test.each([
  ['an empty text', ''],
  ['a token without a key', named],
  ['a token with a short key', token.slice(0, -1)],
  ['a token with a long key', `${token}k`],
  ['a token with a line break at its end', `${token}\n`],
  ['a token without a person', `${unsubscribeToken({ ...grant, userId: '' }).split('.')[0]}.${key}`],
  ['a token without a channel', `${'A'.repeat(22)}.${key}`],
  ['a token with an unknown channel', withKind(3)],
  ['a token that ends something unknown', withKind(16 * 5)],
  ['a token whose rule is cut short', withKind(16)],
  ['a token with an invalid user id', unsubscribeToken({ ...grant, userId: 'a\nb' })],
  ['a token with bytes that are not UTF-8', `${named}_w.${key}`],
  ['a token outside the base64url alphabet', token.replace('A', '+')],
])('%s is refused', (_name, text) => {
  expect(readUnsubscribeToken(text)).toBeNull();
});
