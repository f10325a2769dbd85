import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { answerJson } from '../../support/servers/http-ledger.ts';
import { Person } from '../../support/worlds/person.ts';
import { nameIn, ProviderWorld, publicUrl } from '../../support/worlds/provider-world.ts';

let world: ProviderWorld;
beforeAll(async () => {
  world = await ProviderWorld.begin();
});
afterAll(() => world.end());

const taken = { status: 204, body: '' };
const delivered = { event: 'delivered' };
const bounced = { event: 'bounced' };
const failed = { MessageStatus: 'failed', ErrorCode: '30006' };

const alertOf = async (person: Person) => {
  const told = (await person.notifications()).find(({ type }) => type === 'budget_alert');
  if (!told) throw new Error('nothing was told');
  return told;
};
const deliveryOf = async (person: Person, channel: string) =>
  (await alertOf(person)).deliveries.find((delivery) => delivery.channel === channel);

/** The worker has heard the answer, and has recorded what it could of it. */
async function triedBy(sms: string): Promise<void> {
  const [, deliveryId = ''] = nameIn(sms).split('.');
  const { queues } = world.service.services;
  await vi.waitFor(async () =>
    expect(await (await queues.named('deliveries').getJob(deliveryId))?.getState()).toBe('completed'),
  );
}

const newsOfAddresses = async (person: Person) =>
  (await person.notifications()).filter(({ type }) => type === 'address_bounced');

/** Of the person's day. */
async function placesTaken({ userId }: Person): Promise<number[]> {
  const { rows } = await statement<{ count: number }>`
    select count from daily_interruptions where user_id = ${userId}`.execute(world.service.sql);
  return rows.map(({ count }) => count);
}

describe('what was delivered', () => {
  test('is on record, by its mail’s Message-ID', async () => {
    const { person, messageId } = await world.reached();
    const before = await deliveryOf(person, 'email');
    expect(before).toMatchObject({ status: 'sent', sentAt: expect.any(String) });
    expect(await world.json('email', { messageId, ...delivered })).toMatchObject(taken);
    expect(await deliveryOf(person, 'email')).toEqual({ ...before, status: 'delivered' });
    expect(await alertOf(person)).toMatchObject({ status: 'sent' });
  });

  test('several at once, of either channel by its name', async () => {
    const [one, two] = [await world.reached(), await world.reached(['in-app', 'sms'])];
    const body = [
      { delivery: nameIn(one.messageId), ...delivered },
      { delivery: nameIn(one.messageId).toUpperCase(), ...delivered },
    ];
    expect(await world.json('email', body)).toMatchObject(taken);
    expect(await world.json('sms', { delivery: nameIn(two.sms), ...delivered })).toMatchObject(taken);
    expect(await deliveryOf(one.person, 'email')).toMatchObject({ status: 'delivered' });
    expect(await deliveryOf(two.person, 'sms')).toMatchObject({ status: 'delivered' });
  });

  test.each([
    ['nobody knew', 'unknown', 'crashed'],
    ['it was given up, as no answer was heard', 'failed', 'connection_reset'],
  ])('was sent, where %s', async (_, status, reason) => {
    const { person, messageId } = await world.reached();
    const name = nameIn(messageId).split('.')[1];
    await statement`
      update notification_deliveries set status = ${status}, failure_reason = ${reason}, sent_at = null
      where id = ${name}::uuid`.execute(world.service.sql);
    await statement`
      update notification_history set status = 'failed', reason = 'delivery_failed', sent_at = null
      where user_id = ${person.userId}`.execute(world.service.sql);
    await world.json('email', { messageId, ...delivered });
    const told = await alertOf(person);
    expect(told).toMatchObject({ status: 'sent', sentAt: expect.any(String) });
    expect(told).not.toHaveProperty('reason');
    expect(told.deliveries[1]).toEqual({
      channel: 'email',
      status: 'delivered',
      attempts: 1,
      sentAt: expect.any(String),
    });
  });

  test('stays so where the provider is faster than the answer to our send', async () => {
    const statuses: number[] = [];
    world.messages.answering = async ({ callback }, _asked, response) => {
      const path = callback?.slice(publicUrl.length) ?? '';
      statuses.push((await world.formAtOnce(path, { MessageStatus: 'delivered' })).status);
      answerJson(response, 201, { sid: 'SM1', status: 'queued' });
    };
    try {
      const { person, sms } = await world.reached(['in-app', 'sms']);
      await vi.waitFor(() => expect(statuses).toEqual([204]));
      await triedBy(sms);
      expect(await deliveryOf(person, 'sms')).toMatchObject({ status: 'delivered', attempts: 1 });
      expect(await alertOf(person)).toMatchObject({ status: 'sent' });
    } finally {
      world.messages.answering = null;
    }
  });
});

describe('what bounced', () => {
  test('fails its notification, whose place of the day is free again, once', async () => {
    const { person, messageId } = await world.reached();
    expect(await placesTaken(person)).toEqual([1]);
    const said = { messageId, ...bounced, reason: 'smtp_550' };
    expect(await world.json('email', [said, said])).toMatchObject(taken);
    expect(await world.json('email', said)).toMatchObject(taken);
    const told = await alertOf(person);
    expect(told).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    expect(told).not.toHaveProperty('sentAt');
    expect(told.deliveries[1]).toMatchObject({ status: 'bounced', failureReason: 'smtp_550' });
    expect(await placesTaken(person)).toEqual([0]);
  });

  test('leaves a notification sent that arrived on another channel, until that comes back too', async () => {
    const { person, messageId, sms } = await world.reached(['in-app', 'email', 'sms']);
    await world.json('email', { messageId, ...bounced });
    expect(await alertOf(person)).toMatchObject({ status: 'sent' });
    expect(await placesTaken(person)).toEqual([1]);
    await world.form(sms, failed);
    expect(await alertOf(person)).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    expect(await placesTaken(person)).toEqual([0]);
  });

  test('after it was delivered is bounced; what is said of it later changes nothing', async () => {
    const { person, messageId } = await world.reached();
    await world.json('email', [
      { messageId, ...delivered },
      { messageId, ...bounced },
    ]);
    await world.json('email', { messageId, ...delivered });
    expect(await deliveryOf(person, 'email')).toMatchObject({ status: 'bounced', failureReason: 'bounced' });
  });

  test('is told in the app, once for an address, which is shown to nobody else', async () => {
    const { person, email, messageId } = await world.reached();
    await world.tellsAgain(person);
    const ids = world.mailsTo(email).map(({ headers }) => headers['message-id']);
    expect(ids).toHaveLength(2);
    const reason = `550 <${email}> is not here, +49 151 1234567`;
    for (const id of ids) await world.json('email', { messageId: id, ...bounced, reason });
    await world.json('email', { messageId, ...bounced, reason });
    const news = await newsOfAddresses(person);
    expect(news).toMatchObject([
      { severity: 'warning', status: 'sent', deliveries: [{ channel: 'in-app' }] },
    ]);
    expect(news[0]?.message).toContain('p***@example.com');
    const all = JSON.stringify(await person.notifications());
    expect([email, '1234567'].filter((text) => all.includes(text))).toEqual([]);
    expect(all).toContain('550 <***> is not here, ***');
  });

  test('for good is not tried again; another address is, and so is the same one when it is vouched for', async () => {
    const { person, email, messageId } = await world.reached();
    await world.json('email', { messageId, ...bounced });
    const skipped = { channel: 'email', status: 'skipped', failureReason: 'bounced' };
    expect((await world.tellsAgain(person)).deliveries).toMatchObject([{ channel: 'in-app' }, skipped]);
    expect(world.mailsTo(email)).toHaveLength(1);

    await world.knows(person, { email });
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject({ status: 'sent' });
    await world.json('email', { messageId: world.mailsTo(email)[1]?.headers['message-id'], ...bounced });
    expect(await newsOfAddresses(person)).toHaveLength(2);

    await world.knows(person, { email: `new-${email}` });
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject({ status: 'sent' });
    expect(world.mailsTo(`new-${email}`)).toHaveLength(1);
  });

  test('at an address that the person has left meanwhile says nothing of the one they have', async () => {
    const { person, email, messageId } = await world.reached();
    await world.knows(person, { email: `new-${email}` });
    await world.json('email', { messageId, ...bounced });
    expect(await newsOfAddresses(person)).toEqual([]);
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject({ status: 'sent' });
  });

  test('for a while is on record, and its address is tried again', async () => {
    const { person, messageId } = await world.reached();
    await world.json('email', { messageId, ...bounced, permanent: false });
    expect(await deliveryOf(person, 'email')).toMatchObject({ status: 'bounced' });
    expect(await newsOfAddresses(person)).toEqual([]);
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject({ status: 'sent' });
  });
});

describe('of a mail whose server took it and was gone before it said so', () => {
  const untold = async () => {
    world.mail.behaviour = { onTaken: () => world.mail.wire.cut() };
    const person = await Person.arrives(world.service);
    const email = `${person.userId}@example.com`;
    await world.knows(person, { email });
    await person.budget('100.00', { channels: ['in-app', 'email'] });
    await person.spends('100.00');
    const waiting = { status: 'pending', attempts: 1, failureReason: 'connection_reset' };
    await vi.waitFor(async () => expect(await deliveryOf(person, 'email')).toMatchObject(waiting), 10_000);
    world.mail.behaviour = {};
    await world.mail.wire.mend();
    return { person, email, messageId: world.mailsTo(email)[0]?.headers['message-id'] };
  };

  test('it is known that it was delivered, and it does not go again', async () => {
    const { person, email, messageId } = await untold();
    expect(await world.json('email', { messageId, ...delivered })).toMatchObject(taken);
    expect(await deliveryOf(person, 'email')).toEqual({
      channel: 'email',
      status: 'delivered',
      attempts: 1,
      sentAt: expect.any(String),
    });
    expect(await alertOf(person)).toMatchObject({ status: 'sent' });
    expect(await placesTaken(person)).toEqual([1]);
    expect(world.mailsTo(email)).toHaveLength(1);
  });

  test('it is known that it bounced for good, and no other goes there', async () => {
    const { person, email, messageId } = await untold();
    await world.json('email', { messageId, ...bounced });
    expect(await deliveryOf(person, 'email')).toMatchObject({ status: 'bounced', attempts: 1 });
    expect(await alertOf(person)).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    expect(await newsOfAddresses(person)).toHaveLength(1);
    expect(await placesTaken(person)).toEqual([0]);
    const skipped = { status: 'skipped', failureReason: 'bounced' };
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject(skipped);
    expect(world.mailsTo(email)).toHaveLength(1);
  });
});

describe('an SMS provider’s own callbacks', () => {
  test.each([
    ['queued', {}, { status: 'sent' }],
    ['sent', {}, { status: 'sent' }],
    ['delivered', {}, { status: 'delivered' }],
    ['undelivered', { ErrorCode: '30003' }, { status: 'bounced', failureReason: 'twilio_30003' }],
    ['failed', { ErrorCode: '30006' }, { status: 'bounced', failureReason: 'twilio_30006' }],
    ['failed', {}, { status: 'bounced', failureReason: 'twilio_failed' }],
    ['failed', { ErrorCode: '<b>' }, { status: 'bounced', failureReason: 'twilio_failed' }],
  ])('%s %o', async (MessageStatus, more, wanted) => {
    const { person, sms } = await world.reached(['in-app', 'sms']);
    expect(await world.form(sms, { MessageStatus, ...more })).toMatchObject(taken);
    expect(await deliveryOf(person, 'sms')).toMatchObject(wanted);
  });

  test.each([
    ['30003', 'sent'],
    ['30005', 'skipped'],
    ['21610', 'skipped'],
  ])('after error %s the next is %s', async (ErrorCode, status) => {
    const { person, sms } = await world.reached(['in-app', 'sms']);
    await world.form(sms, { MessageStatus: 'undelivered', ErrorCode });
    expect((await world.tellsAgain(person, ['in-app', 'sms'])).deliveries[1]).toMatchObject({ status });
    const news = await newsOfAddresses(person);
    expect(news.map(({ message }) => /\+49•••••\d{3}/.test(message))).toEqual(
      status === 'sent' ? [] : [true],
    );
  });

  test.each([
    ['another token', { token: 'another-password' }],
    ['another field', { fields: { MessageStatus: 'delivered' } }],
    ['another field besides', { fields: { Extra: 'x' } }],
    ['another delivery', { path: '/api/providers/sms/callbacks?delivery=x' }],
  ])('signed for %s are refused', async (_name, signed) => {
    const { person, sms } = await world.reached(['in-app', 'sms']);
    expect(await world.form(sms, failed, signed)).toMatchObject({ status: 401 });
    expect(await deliveryOf(person, 'sms')).toMatchObject({ status: 'sent' });
  });
});
