import { describe, expect, test } from 'vitest';
import { isSignedWith, isTimely, readMessage } from '../../../src/http/auth/standard-webhook.ts';

/** These values are from the tests of the Standard Webhooks libraries. */
const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
const body = Buffer.from('{"test": 2432232314}');
const headers = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

function read(changes: Record<string, string> = {}, bytes = body) {
  const message = readMessage({ ...headers, ...changes }, bytes);
  if (!message) throw new Error('no message');
  return message;
}

describe('the signature of a webhook', () => {
  test('is valid in the example of the standard, alone and among others', () => {
    expect(isSignedWith(secret, read())).toBe(true);
    const several = `v1,AAAA v1a,x ${headers['webhook-signature']} v1,`;
    expect(isSignedWith(secret, read({ 'webhook-signature': several }))).toBe(true);
  });

  test.each([
    ['with another secret', Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx', 'base64'), read()],
    ['with another id', secret, read({ 'webhook-id': 'msg_2' })],
    ['with another time', secret, read({ 'webhook-timestamp': '1614265331' })],
    ['with the same time written differently', secret, read({ 'webhook-timestamp': '01614265330' })],
    ['with another body', secret, read({}, Buffer.from('{"test": 2432232315}'))],
    ['with an empty body', secret, read({}, Buffer.alloc(0))],
    [
      'with its last character missing',
      secret,
      read({ 'webhook-signature': headers['webhook-signature'].slice(0, -1) }),
    ],
    ['with a character too many', secret, read({ 'webhook-signature': `${headers['webhook-signature']}=` })],
    [
      'with unused base64 bits set',
      secret,
      read({ 'webhook-signature': headers['webhook-signature'].replace('OE=', 'OF=') }),
    ],
  ])('is invalid %s', (_name, key, message) => {
    expect(isSignedWith(key, message)).toBe(false);
  });
});

test.each([
  [-300_000, true],
  [-300_001, false],
  [0, true],
  [300_999, true],
  [301_000, false],
])('a webhook is timely %i ms after its timestamp: %s', (ageMs, timely) => {
  const now = Temporal.Instant.fromEpochMilliseconds(1_614_265_330_000 + ageMs);
  expect(isTimely(read(), now)).toBe(timely);
});
