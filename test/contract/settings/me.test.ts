/** A person reads and changes their own facts. A new address waits for the link that is sent there. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listAudit } from '../../../src/accounts/audit-record.ts';
import { startService } from '../../support/servers/service.ts';
import { ConfirmationWorld } from '../../support/worlds/confirmation-world.ts';

const path = '/api/smart-alerts/me';
let world: ConfirmationWorld;

beforeAll(async () => {
  world = await ConfirmationWorld.start();
});
afterAll(() => world.stop());

/** A person of the service's first tenant, where addresses that keys set need no confirmation. */
async function arrives() {
  const { service } = world;
  const userId = `p-${randomUUID()}`;
  const token = await service.token(userId);
  return {
    userId,
    token,
    sets: (addresses: object) => service.put(`/api/users/${userId}`, addresses, service.tenant.adminKey),
    puts: (changes: unknown) => service.put(path, changes, token),
    reads: async () => (await service.get(path, token)).body.data,
  };
}

const none = { email: null, phone: null };

describe('a person’s own facts', () => {
  test('are empty at first, and have what the service has set', async () => {
    const { sets, reads } = await arrives();
    expect(await reads()).toEqual({ name: null, email: null, phone: null, locale: 'en', unconfirmed: none });
    const facts = { name: 'Person 1', email: 'p1@example.com', phone: '+15551230001' };
    await sets({ ...facts, locale: 'de-AT' });
    expect(await reads()).toEqual({ ...facts, locale: 'de-AT', unconfirmed: none });
  });

  test('change by any subset, and the preferences follow', async () => {
    const { token, puts, reads } = await arrives();
    const answer = await puts({ name: 'Person 2', locale: 'de-at' });
    expect(answer).toMatchObject({ status: 200, body: { data: { name: 'Person 2', locale: 'de-AT' } } });
    expect((await puts({})).body).toEqual(answer.body);
    const { body } = await world.service.get('/api/smart-alerts/preferences', token);
    expect(body.data.locale).toBe('de-AT');
    await puts({ name: null, locale: null });
    expect(await reads()).toMatchObject({ name: null, locale: 'en' });
  });

  test('have a new email address once the link sent there was used', async () => {
    const { userId, sets, puts, reads } = await arrives();
    const [before, after] = [`${userId}@old.example`, `${userId}@new.example`];
    await sets({ email: before });
    const waiting = { email: before, unconfirmed: { email: after, phone: null } };
    expect(await puts({ email: after })).toMatchObject({ status: 200, body: { data: waiting } });
    const { path: link } = await world.askedByMail(after);
    expect(world.mailsTo(before)).toEqual([]);
    expect((await world.open(link, 'GET')).status).toBe(200);
    expect(await reads()).toMatchObject(waiting);
    expect((await world.open(link, 'POST')).status).toBe(200);
    expect(await reads()).toMatchObject({ email: after, unconfirmed: none });
  });

  test('have a new phone number once the link sent there was used', async () => {
    const { puts, reads } = await arrives();
    const phone = '+15551230003';
    expect((await puts({ phone })).body.data).toMatchObject({
      phone: null,
      unconfirmed: { email: null, phone },
    });
    const { path: link } = await world.askedBySms(phone);
    expect((await world.open(link, 'POST')).status).toBe(200);
    expect(await reads()).toMatchObject({ phone, unconfirmed: none });
  });

  test('lose an address at once, and with the one in use one that waits', async () => {
    const { userId, sets, puts, reads } = await arrives();
    const email = `${userId}@used.example`;
    await sets({ email });
    await puts({ email: `${userId}@other.example` });
    await puts({ email });
    expect(await reads()).toMatchObject({ email, unconfirmed: none });
    await puts({ email: `${userId}@third.example` });
    await puts({ email: null });
    expect(await reads()).toMatchObject({ email: null, unconfirmed: none });
  });

  test('are confirmed by at most one message an hour to an address, whoever asks', async () => {
    const email = `${randomUUID()}@shared.example`;
    const [first, second] = [await arrives(), await arrives()];
    expect((await first.puts({ email })).status).toBe(200);
    const refused = await second.puts({ email, name: 'Person 5' });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await second.reads()).toMatchObject({ name: null, unconfirmed: none });
  });

  test('leave a record of a changed address, without the address', async () => {
    const { service } = world;
    const { userId, puts } = await arrives();
    await puts({ email: `${userId}@record.example`, name: 'Person 6' });
    const records = await listAudit(service.sql, {
      tenantId: service.tenant.tenantId,
      since: null,
      limit: 50,
    });
    const own = records.filter((each) => each.userId === userId);
    expect(own).toMatchObject([
      { action: 'address.changed', actor: 'the person', details: { fields: ['email'] } },
    ]);
    expect(JSON.stringify(records)).not.toContain('record.example');
  });

  test('are nobody else’s, and need a token', async () => {
    const { service } = world;
    const { userId, puts, reads } = await arrives();
    await puts({ name: 'Person 7' });
    const { tenantId } = await service.anotherTenant();
    const strangers = [await service.token('stranger'), await service.token(userId, { tenantId })];
    for (const stranger of strangers) {
      expect((await service.get(path, stranger)).body.data.name).toBeNull();
      await service.put(path, { name: 'Stranger' }, stranger);
    }
    expect(await reads()).toMatchObject({ name: 'Person 7' });
    expect((await service.get(path)).status).toBe(401);
    expect((await service.put(path, {}, service.tenant.adminKey)).status).toBe(401);
  });

  test.each([
    [{ email: 'nobody' }, '/email'],
    [{ email: 'a b@example.com' }, '/email'],
    [{ phone: '0151 12345678' }, '/phone'],
    [{ locale: 'de_AT!' }, '/locale'],
    [{ name: '' }, '/name'],
    [{ name: 7 }, '/name'],
    [{ timezone: 'Europe/Berlin' }, '/timezone'],
    [{ unconfirmed: none }, '/unconfirmed'],
  ])('refuse %j with the pointer %s', async (changes, pointer) => {
    const { puts, reads } = await arrives();
    const answer = await puts({ name: 'Person 8', ...changes });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
    expect(await reads()).toMatchObject({ name: null });
  });
});

test('without an address for links, a new address is refused and nothing changes', async () => {
  const lost = await startService();
  try {
    const token = await lost.token('p1');
    const refused = await lost.put(path, { name: 'Person 1', email: 'p1@example.com' }, token);
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('PUBLIC_URL') } });
    expect((await lost.get(path, token)).body.data).toMatchObject({ name: null, unconfirmed: none });
    expect((await lost.put(path, { name: 'Person 1', email: null }, token)).status).toBe(200);
  } finally {
    await lost.stop();
  }
});
