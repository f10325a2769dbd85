import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../../support/worlds/person.ts';
import { ProviderWorld } from '../../support/worlds/provider-world.ts';
import { startService } from '../../support/servers/service.ts';

const path = '/api/providers/sms/inbound';
const twiml = { status: 200, body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>' };
let world: ProviderWorld;
beforeAll(async () => {
  world = await ProviderWorld.begin();
});
afterAll(() => world.end());

const says = (phone: string, Body: string, fields = {}) => world.form(path, { From: phone, Body, ...fields });
const channelsOf = async ({ userId }: Person, tenantId?: string) =>
  (
    await world.service.get(
      '/api/smart-alerts/preferences',
      await world.service.token(userId, tenantId === undefined ? {} : { tenantId }),
    )
  ).body.data.channels;
const smsOf = (phone: string) => world.messages.taken.filter(({ to }) => to === phone);

describe('a text from a person', () => {
  test('ends their texts with STOP and resumes them with START', async () => {
    const { person, phone } = await world.reached(['in-app', 'sms']);
    expect(smsOf(phone)).toHaveLength(1);
    const answer = await says(phone, 'Stop');
    expect(answer).toMatchObject(twiml);
    expect(answer.headers.get('content-type')).toBe('text/xml; charset=utf-8');
    expect(await channelsOf(person)).toEqual({ email: true, sms: false, push: true });
    const silent = await world.tellsAgain(person, ['in-app', 'sms']);
    expect(silent.deliveries).toContainEqual(
      expect.objectContaining({ channel: 'sms', failureReason: 'opted_out' }),
    );
    expect(smsOf(phone)).toHaveLength(1);

    expect(await says(phone, 'START')).toMatchObject(twiml);
    expect(await channelsOf(person)).toEqual({ email: true, sms: true, push: true });
    await world.tellsAgain(person, ['in-app', 'sms']);
    expect(smsOf(phone)).toHaveLength(2);
  });

  test('keeps what else they have switched off', async () => {
    const { person, phone } = await world.reached(['in-app', 'sms']);
    await person.prefers({ channels: { email: false } });
    for (const word of ['STOP', 'STOP']) await says(phone, word);
    expect(await channelsOf(person)).toEqual({ email: false, sms: false, push: true });
    for (const word of ['START', 'START']) await says(phone, word);
    expect(await channelsOf(person)).toEqual({ email: false, sms: true, push: true });
  });

  test('holds for everybody with the number, in every tenant, and for nobody else', async () => {
    const [{ person, phone }, other] = [
      await world.reached(['in-app', 'sms']),
      await world.reached(['in-app', 'sms']),
    ];
    const tenant = await world.service.anotherTenant();
    const elsewhere = await Person.arrives(world.service, tenant);
    await world.service.put(`/api/users/${elsewhere.userId}`, { phone }, tenant.adminKey);
    await says(phone, 'UNSUBSCRIBE');
    expect(await channelsOf(person)).toMatchObject({ sms: false });
    expect(await channelsOf(elsewhere, tenant.tenantId)).toMatchObject({ sms: false });
    expect(await channelsOf(other.person)).toMatchObject({ sms: true });
  });

  test('resumes texts to a number that the provider had refused after STOP', async () => {
    const { person, phone, sms } = await world.reached(['in-app', 'sms']);
    await world.form(sms, { MessageStatus: 'failed', ErrorCode: '21610' });
    const held = await world.tellsAgain(person, ['in-app', 'sms']);
    expect(held.deliveries).toContainEqual(
      expect.objectContaining({ channel: 'sms', failureReason: 'bounced' }),
    );
    await says(phone, 'START');
    await world.tellsAgain(person, ['in-app', 'sms']);
    expect(smsOf(phone)).toHaveLength(2);
  });

  test.each(['HELP', 'thank you', ''])('changes nothing with %j', async (body) => {
    const { person, phone } = await world.reached(['in-app', 'sms']);
    expect(await says(phone, body)).toMatchObject(twiml);
    expect(await channelsOf(person)).toMatchObject({ sms: true });
  });

  test.each([{ From: '+4900000000' }, { From: '' }])(
    'from an unknown number %j is accepted',
    async ({ From }) => {
      expect(await says(From, 'STOP')).toMatchObject(twiml);
    },
  );
});

describe('a post that is not the provider’s', () => {
  test.each([
    ['with another token', { token: 'wrong' }],
    ['for another path', { path: '/api/providers/sms/callbacks' }],
    ['of another text', { fields: { Body: 'START' } }],
  ])('signed %s is refused and changes nothing', async (_, signed) => {
    const { person, phone } = await world.reached(['in-app', 'sms']);
    expect((await world.form(path, { From: phone, Body: 'STOP' }, signed)).status).toBe(401);
    expect(await channelsOf(person)).toMatchObject({ sms: true });
  });

  test('as JSON is refused', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(world.service.url + path, { method: 'POST', headers, body: '{}' })).status).toBe(415);
  });

  test('is answered 404 by a service without an SMS provider', async () => {
    const service = await startService();
    const body = new URLSearchParams({ From: '+491', Body: 'STOP' });
    expect((await fetch(service.url + path, { method: 'POST', body })).status).toBe(404);
    await service.stop();
  });
});
