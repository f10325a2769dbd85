import { createECDH, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vapid } from '../../support/servers/push-server.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

const subscriptions = '/api/smart-alerts/push-subscriptions';
const { publicKey } = vapid;

let service: TestService;
beforeAll(async () => {
  service = await startService({
    env: {
      VAPID_PUBLIC_KEY: publicKey,
      VAPID_PRIVATE_KEY: vapid.privateKey,
      VAPID_SUBJECT: 'mailto:operator@example.com',
      PUSH_HOSTS: 'push.example.com:8080',
    },
  });
});
afterAll(() => service.stop());

/** Makes the subscription of a new browser. */
function browser(endpoint = `https://fcm.googleapis.com/fcm/send/${randomUUID()}`) {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  const keys = { p256dh: pair.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url') };
  return { endpoint, keys };
}

async function newPerson() {
  const token = await service.token(randomUUID());
  return {
    token,
    subscribe: (body: unknown) => service.post(subscriptions, body, token),
    list: async () => (await service.get(subscriptions, token)).body.data,
    remove: (id: string) => service.delete(`${subscriptions}/${id}`, token),
  };
}

describe('a push subscription', () => {
  test('is created, listed without its keys, and deleted', async () => {
    const { subscribe, list, remove } = await newPerson();
    const given = browser();
    const answer = await subscribe({ ...given, expirationTime: null });
    expect(answer.status).toBe(201);
    const { id } = answer.body.data;
    const shown = { id, endpoint: given.endpoint, createdAt: service.clock.now().toString() };
    expect(answer.body).toEqual({ data: shown });
    expect(await list()).toEqual([shown]);
    expect((await remove(id)).status).toBe(204);
    expect(await list()).toEqual([]);
    expect((await remove(id)).status).toBe(404);
  });

  test('of a known browser keeps its id and gets new keys', async () => {
    const { subscribe, list } = await newPerson();
    const [given, renewed] = [browser(), browser()];
    const first = await subscribe(given);
    service.clock.advance({ seconds: 1 });
    const second = await subscribe({ endpoint: given.endpoint, keys: renewed.keys });
    const createdAt = service.clock.now().toString();
    expect(second).toMatchObject({ status: 201, body: { data: { ...first.body.data, createdAt } } });
    expect(await list()).toEqual([second.body.data]);
    const stored = await service.sql
      .selectFrom('push_subscriptions')
      .select(['p256dh', 'auth'])
      .where('id', '=', first.body.data.id)
      .execute();
    expect(stored).toEqual([renewed.keys]);
  });

  test('is visible to its own person alone', async () => {
    const [one, other] = await Promise.all([newPerson(), newPerson()]);
    const given = browser();
    const { id } = (await one.subscribe(given)).body.data;
    expect((await other.subscribe(given)).body.data.id).not.toBe(id);
    expect((await other.remove(id)).status).toBe(404);
    const stranger = await service.anotherTenant();
    const token = await service.token('somebody', { tenantId: stranger.tenantId });
    expect((await service.delete(`${subscriptions}/${id}`, token)).status).toBe(404);
    expect(await one.list()).toHaveLength(1);
  });

  test('is deleted as the least recently renewed if the person has more than twenty', async () => {
    const { subscribe, list } = await newPerson();
    const given = Array.from({ length: 21 }, () => browser());
    for (const each of given.slice(0, 20)) {
      service.clock.advance({ seconds: 1 });
      await subscribe(each);
    }
    service.clock.advance({ seconds: 1 });
    const [first, second, ...others] = given;
    await subscribe(first);
    expect(await list()).toHaveLength(20);
    service.clock.advance({ seconds: 1 });
    await subscribe(others.at(-1));
    const kept = (await list()).map(({ endpoint }: { endpoint: string }) => endpoint);
    expect(kept).toHaveLength(20);
    expect(kept).not.toContain(second?.endpoint);
    expect(kept).toContain(first?.endpoint);
  });

  test('is one of at most twenty, even if thirty newPerson at once', async () => {
    const { subscribe, list } = await newPerson();
    await Promise.all(Array.from({ length: 30 }, () => subscribe(browser())));
    expect(await list()).toHaveLength(20);
  });

  test.each([
    'https://updates.push.services.mozilla.com/wpush/v2/abc',
    'https://web.push.apple.com/abc',
    'https://wns2-db5p.notify.windows.com/w/?token=abc',
    'http://push.example.com:8080/abc',
  ])('with the endpoint %s is accepted', async (endpoint) => {
    const { subscribe } = await newPerson();
    expect((await subscribe(browser(endpoint))).status).toBe(201);
  });
});

const { keys } = browser();
const point = Buffer.from(keys.p256dh, 'base64url');
/** This point has the right x and a wrong y; on the curve only the negative y shares an x. */
const offCurve = Buffer.from(point);
offCurve.writeUInt8(point.readUInt8(64) ^ 1, 64);
const hybrid = Buffer.concat([Buffer.from([6 | (point.readUInt8(64) & 1)]), point.subarray(1)]);
const withKey = (p256dh: unknown) => ({ ...browser(), keys: { ...keys, p256dh } });
const withAuth = (auth: unknown) => ({ ...browser(), keys: { ...keys, auth } });

describe('a push subscription is refused with', () => {
  test.each<[string, unknown, string]>([
    ['an endpoint of another host', browser('https://example.com/push'), '/endpoint'],
    ['an endpoint on the local network', browser('http://127.0.0.1:5432/'), '/endpoint'],
    ['an endpoint on a lookalike host', browser('https://fcm.googleapis.com.example.com/'), '/endpoint'],
    ['an endpoint without TLS', browser('http://fcm.googleapis.com/fcm/send/a'), '/endpoint'],
    ['an endpoint with a password', browser('https://a:b@fcm.googleapis.com/a'), '/endpoint'],
    ['an endpoint with a line break', browser('https://fcm.googleapis.com/a\nb'), '/endpoint'],
    ['an endpoint that is no URL', browser('fcm'), '/endpoint'],
    ['no endpoint', { keys }, '/endpoint'],
    ['no keys', { endpoint: browser().endpoint }, '/keys'],
    ['no public key', withKey(undefined), '/keys/p256dh'],
    ['a public key off the curve', withKey(offCurve.toString('base64url')), '/keys/p256dh'],
    ['a compressed public key', withKey(point.subarray(0, 33).toString('base64url')), '/keys/p256dh'],
    ['a hybrid public key', withKey(hybrid.toString('base64url')), '/keys/p256dh'],
    ['a public key in base64', withKey(point.toString('base64')), '/keys/p256dh'],
    ['a public key of zeros', withKey('A'.repeat(87)), '/keys/p256dh'],
    ['a short secret', withAuth('A'.repeat(20)), '/keys/auth'],
    ['a long secret', withAuth('A'.repeat(24)), '/keys/auth'],
    ['a secret in base64', withAuth(`${'A'.repeat(22)}==`), '/keys/auth'],
    ['an unknown key', { ...browser(), keys: { ...keys, p384: '' } }, '/keys/p384'],
    ['an expiration time in words', { ...browser(), expirationTime: 'never' }, '/expirationTime'],
    ['an unknown field', { ...browser(), name: 'phone' }, '/name'],
  ])('%s', async (_name, body, pointer) => {
    const { subscribe, list } = await newPerson();
    const answer = await subscribe(body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(answer.body.errors).toHaveLength(1);
    expect(await list()).toEqual([]);
  });

  test('every wrong value named', async () => {
    const { subscribe } = await newPerson();
    const { errors } = (await subscribe({ endpoint: 'x', keys: { p256dh: 'x', auth: 'x' } })).body;
    expect(errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/endpoint',
      '/keys/p256dh',
      '/keys/auth',
    ]);
  });
});

describe('the public key for push subscriptions', () => {
  test('is the configured one', async () => {
    const { token } = await newPerson();
    const answer = await service.get('/api/smart-alerts/push-key', token);
    expect(answer).toMatchObject({ status: 200, body: { data: { publicKey } } });
  });

  test('is 404 if push is not configured', async () => {
    const without = await startService({ roles: ['web'] });
    try {
      const answer = await without.get('/api/smart-alerts/push-key', await without.token('somebody'));
      expect(answer.status).toBe(404);
    } finally {
      await without.stop();
    }
  });
});
