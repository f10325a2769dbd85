import { describe, expect, test } from 'vitest';
import { isSignedWith, isTimely, readMessage } from '../../../src/http/auth/standard-webhook.ts';

/** From the tests of the standard's own libraries. */
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

describe('a signature', () => {
  test('is good by the standard’s example, alone and among others', () => {
    expect(isSignedWith(secret, read())).toBe(true);
    const several = `v1,AAAA v1a,x ${headers['webhook-signature']} v1,`;
    expect(isSignedWith(secret, read({ 'webhook-signature': several }))).toBe(true);
  });

  test.each([
    ['of another secret', Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx', 'base64'), read()],
    ['of another id', secret, read({ 'webhook-id': 'msg_2' })],
    ['of another time', secret, read({ 'webhook-timestamp': '1614265331' })],
    ['of the same time, written otherwise', secret, read({ 'webhook-timestamp': '01614265330' })],
    ['of another body', secret, read({}, Buffer.from('{"test": 2432232315}'))],
    ['of nothing', secret, read({}, Buffer.alloc(0))],
    ['cut short', secret, read({ 'webhook-signature': headers['webhook-signature'].slice(0, -1) })],
    ['with more behind it', secret, read({ 'webhook-signature': `${headers['webhook-signature']}=` })],
    [
      'with bits no byte needs set',
      secret,
      read({ 'webhook-signature': headers['webhook-signature'].replace('OE=', 'OF=') }),
    ],
  ])('is not good: %s', (_name, key, message) => {
    expect(isSignedWith(key, message)).toBe(false);
  });
});

test.each([
  [-300_000, true],
  [-300_001, false],
  [0, true],
  [300_999, true],
  [301_000, false],
])('a message whose second is %i ms away is timely: %s', (ageMs, timely) => {
  const now = Temporal.Instant.fromEpochMilliseconds(1_614_265_330_000 + ageMs);
  expect(isTimely(read(), now)).toBe(timely);
});
