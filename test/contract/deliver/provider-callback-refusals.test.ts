import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../support/worlds/person.ts';
import { nameIn, ProviderWorld } from '../../support/worlds/provider-world.ts';
import { startService } from '../../support/servers/service.ts';

let world: ProviderWorld;
beforeAll(async () => {
  world = await ProviderWorld.begin();
});
afterAll(() => world.end());

const accepted = { status: 204, body: '' };
const delivered = { event: 'delivered' };
const bounced = { event: 'bounced' };
const failed = { MessageStatus: 'failed', ErrorCode: '30006' };

const readMailStatus = async (person: Person) =>
  (await person.notifications())[0]?.deliveries.find(({ channel }) => channel === 'email')?.status;

describe('a provider callback is refused', () => {
  const anotherSecret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
  const body = JSON.stringify({ messageId: '<x@y>', ...delivered });

  test.each([
    ['signed with another secret', { secret: anotherSecret }],
    ['signed for one byte more', { sign: `${body} ` }],
    ['without a signature', { headers: { 'webhook-signature': '' } }],
    ['with an API key', { headers: { 'webhook-signature': 'v1,', authorization: 'Bearer swk_x' } }],
    ['timed too early', { offsetSeconds: -310 }],
    ['timed too late', { offsetSeconds: 310 }],
  ])('%s, with 401', async (_name, posted) => {
    expect(await world.json('email', body, posted)).toMatchObject({
      status: 401,
      body: { status: 401, detail: expect.stringContaining('good signature') },
    });
  });

  test.each(['in-app', 'push', 'pigeon'])('for the channel %s, with 404', async (channel) => {
    expect(await world.json(channel, { messageId: '<x@y>', ...delivered })).toMatchObject({ status: 404 });
  });

  test('in another media type, with 415', async () => {
    const path = '/api/providers/email/callbacks';
    expect(await world.form(path, failed)).toMatchObject({ status: 415 });
    const headers = { 'content-type': 'text/plain' };
    expect(await world.json('email', 'delivered', { headers })).toMatchObject({ status: 415 });
  });

  test('by a service without a callback secret, with 404', async () => {
    const bare = await startService({ roles: ['web'] });
    try {
      for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
        const post = { method: 'POST', headers: { 'content-type': type }, body: '{}' };
        expect((await fetch(`${bare.url}/api/providers/sms/callbacks`, post)).status).toBe(404);
      }
    } finally {
      await bare.stop();
    }
  });

  test('with an absolute URL as its request target, with 401', async () => {
    const env = { PUBLIC_URL: 'https://spendwatch.example.com:8443' };
    const other = await ProviderWorld.begin({ roles: ['web'], env });
    try {
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': 'GvWf1cFY/Q7PnoempGyD5oXAezc=',
      };
      const path = 'http://x/api/providers/sms/callbacks';
      const sent = request(other.service.url, { method: 'POST', path, headers }).end('MessageStatus=sent');
      // Node documents one response as the argument.
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.resume();
      expect(answer.statusCode).toBe(401);
    } finally {
      await other.end();
    }
  });

  test.each([
    ['', {}, 'must name its delivery, by either delivery or messageId'],
    ['', { messageId: '<x@y>', delivery: 'x' }, 'must name its delivery, by either delivery or messageId'],
    ['/event', { messageId: '<x@y>', event: 'opened' }, 'must be one of delivered, bounced'],
    ['/permanent', { messageId: '<x@y>', permanent: 'no' }, 'must be true or false, '],
    ['/reason', { messageId: '<x@y>', reason: 'two\nlines' }, 'must be 1 to 200 printable characters'],
    ['/address', { messageId: '<x@y>', address: 'x@y' }, 'is not a known field'],
  ])('with a wrong "%s" in %j, with 400', async (pointer, fields, message) => {
    const one = { ...bounced, ...fields };
    const errorOf = (at: string) => ({ pointer: at, message: expect.stringContaining(message.slice(0, 20)) });
    expect(await world.json('email', one)).toMatchObject({
      status: 400,
      body: { errors: [errorOf(pointer)] },
    });
    expect(await world.json('email', [{ messageId: '<x@y>', ...bounced }, one])).toMatchObject({
      status: 400,
      body: { errors: [errorOf(`/1${pointer}`)] },
    });
  });

  test.each([
    ['an empty body', ''],
    ['malformed JSON', '{'],
    ['an empty array', []],
    ['more than 100 callbacks', Array.from({ length: 101 }, () => ({ messageId: '<x@y>', ...delivered }))],
  ])('with %s, with 400', async (_name, given) => {
    expect(await world.json('email', given)).toMatchObject({ status: 400 });
  });
});

type Names = { tenantId: string; deliveryId: string; other: string };

describe('a provider callback changes nothing if it names', () => {
  test.each<[string, (names: Names) => { messageId: string } | { delivery: string }]>([
    ['a mail of another sender', () => ({ messageId: '<newsletter-7@example.com>' })],
    ['an unknown delivery', ({ tenantId }) => ({ delivery: `${tenantId}.${randomUUID()}` })],
    ['an unknown tenant', ({ deliveryId }) => ({ delivery: `${randomUUID()}.${deliveryId}` })],
    ['another tenant', ({ deliveryId, other }) => ({ delivery: `${other}.${deliveryId}` })],
    ['a malformed delivery name', () => ({ delivery: 'no-name' })],
  ])('%s', async (_name, naming) => {
    const { person, messageId } = await world.reached();
    const [tenantId = '', deliveryId = ''] = nameIn(messageId).split('.');
    const { tenantId: other } = await world.service.anotherTenant();
    const named = naming({ tenantId, deliveryId, other });
    expect(await world.json('email', { ...named, ...bounced })).toMatchObject(accepted);
    const path = `/api/providers/sms/callbacks?${'delivery' in named ? `delivery=${named.delivery}` : ''}`;
    expect(await world.form(path, failed)).toMatchObject(accepted);
    expect(await readMailStatus(person)).toBe('sent');
  });

  test('a delivery on another channel', async () => {
    const { person, messageId } = await world.reached();
    expect(await world.json('sms', { messageId, ...bounced })).toMatchObject(accepted);
    expect(await readMailStatus(person)).toBe('sent');
  });

  test('an unknown delivery, beside one that counts', async () => {
    const { person, messageId } = await world.reached();
    await world.json('email', [
      { delivery: `${randomUUID()}.${randomUUID()}`, ...delivered },
      { messageId, ...delivered },
    ]);
    expect(await readMailStatus(person)).toBe('delivered');
  });
});
