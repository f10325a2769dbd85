/** The requests to an SMS provider, the meaning of its answers, and the failover between two providers. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authorizationOf, smsChannel, type SmsOptions } from '../../../src/deliver/channels/sms/sms.ts';
import { deliveryOn, message } from '../../support/worlds/channel-worlds.ts';
import { answerJson } from '../../support/servers/http-ledger.ts';
import { keyHeader, MessagesServer } from '../../support/servers/messages-server.ts';

let first: MessagesServer;
let second: MessagesServer;
const segments: number[] = [];

beforeEach(async () => {
  segments.length = 0;
  [first, second] = await Promise.all([MessagesServer.start(), MessagesServer.start()]);
});
afterEach(() => Promise.all([first.stop(), second.stop()]));

const makeChannel = (options: Partial<SmsOptions> = {}) =>
  smsChannel({
    providers: [first.config],
    idempotencyHeader: null,
    publicUrl: null,
    onSegments: (count) => segments.push(count),
    onRest: () => undefined,
    ...options,
  });

const send = (options: Partial<SmsOptions> = {}, delivery = deliveryOn('sms')) =>
  makeChannel(options).send(delivery, AbortSignal.timeout(1_500));

describe('an SMS', () => {
  test('has the text, the number of the person and the address for callbacks', async () => {
    const delivery = deliveryOn('sms');
    const publicUrl = 'https://spendwatch.example';
    expect(await send({ publicUrl }, delivery)).toEqual({ kind: 'sent' });
    const { tenantId, id } = delivery;
    const callback = `${publicUrl}/api/providers/sms/callbacks?delivery=${tenantId}.${id}`;
    expect(first.taken).toEqual([
      { to: '+15551230000', from: '+15005550006', text: message.text, callback, key: null },
    ]);
    expect(segments).toEqual([1]);
  });

  test.each([
    ['x'.repeat(161), 2],
    ['日'.repeat(71), 2],
    ['日'.repeat(70), 1],
  ])('is counted in the parts that are billed: %s', async (text, parts) => {
    const delivery = deliveryOn('sms');
    await send({}, { ...delivery, message: { ...delivery.message, text } });
    expect(segments).toEqual([parts]);
  });

  test('without a number is skipped', async () => {
    const result = await send({}, deliveryOn('sms', { phone: null }));
    expect(result).toEqual({ kind: 'skipped', reason: 'no_address' });
  });

  test('has its delivery’s id as the idempotency key when a header is configured', async () => {
    const delivery = deliveryOn('sms');
    await send({ idempotencyHeader: keyHeader }, delivery);
    expect(first.taken).toMatchObject([{ key: delivery.id }]);
  });

  test.each([
    ['/2010-04-01/Accounts/AC0/Messages.json', 'secret', `Basic ${btoa('AC0:secret')}`],
    ['/2010-04-01/Accounts/AC0/Messages.json', 'SK1:secret', `Basic ${btoa('SK1:secret')}`],
    ['/messages', 'secret', 'Bearer secret'],
    ['/messages', 'me:secret', `Basic ${btoa('me:secret')}`],
  ])('to %s with the token %s has the right authorization header', (path, token, authorization) => {
    expect(authorizationOf({ url: `https://sms.example.com${path}`, from: '+1', token })).toBe(authorization);
  });
});

describe('an answer of an SMS provider', () => {
  test.each([
    [201, '{"sid":"SM1"}', { kind: 'sent' }],
    [200, '{"sid":"SM1"}', { kind: 'sent' }],
    [201, '{"sid":""}', { kind: 'unknown', reason: 'garbage_answer' }],
    [201, '{"id":"SM1"}', { kind: 'unknown', reason: 'garbage_answer' }],
    [200, '<html>welcome</html>', { kind: 'unknown', reason: 'garbage_answer' }],
    [200, '', { kind: 'unknown', reason: 'garbage_answer' }],
    [200, '"SM1"', { kind: 'unknown', reason: 'garbage_answer' }],
    [201, `{"sid":"SM1","more":"${'x'.repeat(70_000)}"}`, { kind: 'unknown', reason: 'garbage_answer' }],
    [408, '{}', { kind: 'retry', reason: 'http_408' }],
    [425, '{}', { kind: 'retry', reason: 'http_425' }],
    [429, '{"code":20429}', { kind: 'retry', reason: 'http_429_20429' }],
    [500, 'oops', { kind: 'retry', reason: 'http_500' }],
    [504, '{}', { kind: 'retry', reason: 'http_504' }],
    [400, '{"code":21610}', { kind: 'failed', reason: 'http_400_21610' }],
    [400, '{"code":"+15551230000"}', { kind: 'failed', reason: 'http_400' }],
    [401, 'null', { kind: 'failed', reason: 'http_401' }],
    [404, '{}', { kind: 'failed', reason: 'http_404' }],
  ] as const)('with status %d and body %s has its own result', async (status, body, result) => {
    first.refusing = (_asked, response) => void response.writeHead(status).end(body);
    expect(await send()).toEqual(result);
  });

  test('that rejects the credentials opens the circuit, because no message would be accepted', async () => {
    first.refusing = (_asked, response) => void response.writeHead(401).end();
    const channel = makeChannel({ breakerOptions: { failures: 1, restMs: 60_000 } });
    const sendOne = () => channel.send(deliveryOn('sms'), AbortSignal.timeout(1_500));
    expect(await sendOne()).toEqual({ kind: 'failed', reason: 'http_401' });
    expect(await sendOne()).toMatchObject({ kind: 'postponed', reason: 'provider_unavailable' });
  });

  test('that redirects is not followed', async () => {
    first.refusing = (_asked, response) => void response.writeHead(307, { location: second.url }).end();
    expect(await send()).toEqual({ kind: 'failed', reason: 'http_307' });
    expect(second.taken).toEqual([]);
  });

  test('that never ends is not read to its end', async () => {
    first.refusing = (_asked, response) => {
      response.writeHead(201, { 'content-type': 'application/json' });
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    };
    const startedAt = performance.now();
    expect(await send()).toEqual({ kind: 'unknown', reason: 'garbage_answer' });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test('that breaks off leaves the result unknown', async () => {
    first.refusing = async (_asked, response) => {
      response.writeHead(201, { 'content-length': '1000' }).write('{"sid":"SM1"');
      await first.ledger.wire.cut();
    };
    expect(await send()).toMatchObject({ kind: 'unknown' });
  });
});

describe('a second SMS provider', () => {
  const both = () => ({ providers: [first.config, second.config] });

  test('takes over an SMS when the first refuses the connection', async () => {
    await first.ledger.wire.cut();
    expect(await send(both())).toEqual({ kind: 'sent' });
    expect(second.taken).toHaveLength(1);
  });

  test('takes over from one that accepts the connection and never finishes the TLS handshake', async () => {
    first.ledger.wire.fallSilent();
    const secure = { ...first.config, url: first.url.replace('http:', 'https:') };
    const channel = makeChannel({ providers: [secure, second.config] });
    const startedAt = performance.now();
    expect(await channel.send(deliveryOn('sms'), AbortSignal.timeout(15_000))).toEqual({ kind: 'sent' });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect([first.taken.length, second.taken.length]).toEqual([0, 1]);
  });

  test.each([
    ['hangs', () => first.ledger.wire.fallSilent(), { kind: 'unknown', reason: 'timeout' }],
    [
      'answers 503',
      () => void (first.refusing = (_asked, response) => answerJson(response, 503, {})),
      { kind: 'retry', reason: 'http_503' },
    ],
  ])('is not asked when the first %s', async (_name, fail, result) => {
    fail();
    expect(await send(both())).toEqual(result);
    expect(second.taken).toEqual([]);
  });

  test('does not know the idempotency keys of the first, so a crash ends as unknown', () => {
    expect(makeChannel({ idempotencyHeader: keyHeader }).afterCrash).toBe('resend');
    expect(makeChannel({ ...both(), idempotencyHeader: keyHeader }).afterCrash).toBe('unknown');
  });
});
