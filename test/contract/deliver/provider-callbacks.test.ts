import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { answerJson } from '../../support/servers/http-ledger.ts';
import { Person } from '../../support/worlds/person.ts';
import { nameIn, ProviderWorld, publicUrl } from '../../support/worlds/provider-world.ts';
import { quotaOf } from '../../support/worlds/rows.ts';

let world: ProviderWorld;
beforeAll(async () => {
  world = await ProviderWorld.begin();
});
afterAll(() => world.end());

const accepted = { status: 204, body: '' };
const delivered = { event: 'delivered' };
const bounced = { event: 'bounced' };
const failed = { MessageStatus: 'failed', ErrorCode: '30006' };

const alertOf = async (person: Person) => {
  const alert = (await person.notifications()).find(({ type }) => type === 'budget_alert');
  if (!alert) throw new Error('there is no alert');
  return alert;
};
const deliveryOf = async (person: Person, channel: string) =>
  (await alertOf(person)).deliveries.find((delivery) => delivery.channel === channel);

/** Waits until the worker has recorded the response to a send. */
async function sendRecorded(sms: string): Promise<void> {
  const [, deliveryId = ''] = nameIn(sms).split('.');
  const { queues } = world.service.services;
  await vi.waitFor(async () =>
    expect(await (await queues.named('deliveries').getJob(deliveryId))?.getState()).toBe('completed'),
  );
}

const bounceNotices = async (person: Person) =>
  (await person.notifications()).filter(({ type }) => type === 'address_bounced');

const readQuota = (person: Person): Promise<number[]> => quotaOf(world.service.sql, person);

describe('a callback that a message was delivered', () => {
  test('names its delivery by the Message-ID of the mail', async () => {
    const { person, messageId } = await world.reached();
    const before = await deliveryOf(person, 'email');
    expect(before).toMatchObject({ status: 'sent', sentAt: expect.any(String) });
    expect(await world.json('email', { messageId, ...delivered })).toMatchObject(accepted);
    expect(await deliveryOf(person, 'email')).toEqual({ ...before, status: 'delivered' });
    expect(await alertOf(person)).toMatchObject({ status: 'sent' });
  });

  test('names its delivery by the delivery name, several in one post, on email and SMS', async () => {
    const [one, two] = [await world.reached(), await world.reached(['in-app', 'sms'])];
    const body = [
      { delivery: nameIn(one.messageId), ...delivered },
      { delivery: nameIn(one.messageId).toUpperCase(), ...delivered },
    ];
    expect(await world.json('email', body)).toMatchObject(accepted);
    expect(await world.json('sms', { delivery: nameIn(two.sms), ...delivered })).toMatchObject(accepted);
    expect(await deliveryOf(one.person, 'email')).toMatchObject({ status: 'delivered' });
    expect(await deliveryOf(two.person, 'sms')).toMatchObject({ status: 'delivered' });
  });

  test.each([
    ['was unknown', 'unknown', 'crashed'],
    ['had failed without a response', 'failed', 'connection_reset'],
  ])('counts for a delivery that %s', async (_, status, reason) => {
    const { person, messageId } = await world.reached();
    const name = nameIn(messageId).split('.')[1];
    await statement`
      update notification_deliveries set status = ${status}, failure_reason = ${reason}, sent_at = null
      where id = ${name}::uuid`.execute(world.service.sql);
    await statement`
      update notification_history set status = 'failed', reason = 'delivery_failed', sent_at = null
      where user_id = ${person.userId}`.execute(world.service.sql);
    await world.json('email', { messageId, ...delivered });
    const alert = await alertOf(person);
    expect(alert).toMatchObject({ status: 'sent', sentAt: expect.any(String) });
    expect(alert).not.toHaveProperty('reason');
    expect(alert.deliveries[1]).toEqual({
      channel: 'email',
      status: 'delivered',
      attempts: 1,
      sentAt: expect.any(String),
    });
  });

  test('counts if it arrives before the response to the send', async () => {
    const statuses: number[] = [];
    world.messages.answering = async ({ callback }, _request, response) => {
      const path = callback?.slice(publicUrl.length) ?? '';
      statuses.push((await world.formAtOnce(path, { MessageStatus: 'delivered' })).status);
      answerJson(response, 201, { sid: 'SM1', status: 'queued' });
    };
    try {
      const { person, sms } = await world.reached(['in-app', 'sms']);
      await vi.waitFor(() => expect(statuses).toEqual([204]));
      await sendRecorded(sms);
      expect(await deliveryOf(person, 'sms')).toMatchObject({ status: 'delivered', attempts: 1 });
      expect(await alertOf(person)).toMatchObject({ status: 'sent' });
    } finally {
      world.messages.answering = null;
    }
  });
});

describe('a callback that a message bounced', () => {
  test('fails the notification and frees the daily quota, once', async () => {
    const { person, messageId } = await world.reached();
    expect(await readQuota(person)).toEqual([1]);
    const callback = { messageId, ...bounced, reason: 'smtp_550' };
    expect(await world.json('email', [callback, callback])).toMatchObject(accepted);
    expect(await world.json('email', callback)).toMatchObject(accepted);
    const alert = await alertOf(person);
    expect(alert).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    expect(alert).not.toHaveProperty('sentAt');
    expect(alert.deliveries[1]).toMatchObject({ status: 'bounced', failureReason: 'smtp_550' });
    expect(await readQuota(person)).toEqual([0]);
  });

  test('leaves the notification sent if it arrived on another channel, until that bounces too', async () => {
    const { person, messageId, sms } = await world.reached(['in-app', 'email', 'sms']);
    await world.json('email', { messageId, ...bounced });
    expect(await alertOf(person)).toMatchObject({ status: 'sent' });
    expect(await readQuota(person)).toEqual([1]);
    await world.form(sms, failed);
    expect(await alertOf(person)).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    expect(await readQuota(person)).toEqual([0]);
  });

  test('replaces delivered, and is not replaced by a later callback', async () => {
    const { person, messageId } = await world.reached();
    await world.json('email', [
      { messageId, ...delivered },
      { messageId, ...bounced },
    ]);
    await world.json('email', { messageId, ...delivered });
    expect(await deliveryOf(person, 'email')).toMatchObject({ status: 'bounced', failureReason: 'bounced' });
  });

  test('notifies in the app once for an address, and masks addresses', async () => {
    const { person, email, messageId } = await world.reached();
    await world.tellsAgain(person);
    const ids = world.mailsTo(email).map(({ headers }) => headers['message-id']);
    expect(ids).toHaveLength(2);
    const reason = `550 <${email}> is not here, +49 151 1234567`;
    for (const id of ids) await world.json('email', { messageId: id, ...bounced, reason });
    await world.json('email', { messageId, ...bounced, reason });
    const notices = await bounceNotices(person);
    expect(notices).toMatchObject([
      { severity: 'warning', status: 'sent', deliveries: [{ channel: 'in-app' }] },
    ]);
    expect(notices[0]?.message).toContain('p***@example.com');
    const all = JSON.stringify(await person.notifications());
    expect([email, '1234567'].filter((text) => all.includes(text))).toEqual([]);
    expect(all).toContain('550 <***> is not here, ***');
  });

  test('for good stops sends to the address until it is set again, and not to another address', async () => {
    const { person, email, messageId } = await world.reached();
    await world.json('email', { messageId, ...bounced });
    const skipped = { channel: 'email', status: 'skipped', failureReason: 'bounced' };
    expect((await world.tellsAgain(person)).deliveries).toMatchObject([{ channel: 'in-app' }, skipped]);
    expect(world.mailsTo(email)).toHaveLength(1);

    await world.knows(person, { email });
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject({ status: 'sent' });
    await world.json('email', { messageId: world.mailsTo(email)[1]?.headers['message-id'], ...bounced });
    expect(await bounceNotices(person)).toHaveLength(2);

    await world.knows(person, { email: `new-${email}` });
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject({ status: 'sent' });
    expect(world.mailsTo(`new-${email}`)).toHaveLength(1);
  });

  test('at a former address does not affect the present one', async () => {
    const { person, email, messageId } = await world.reached();
    await world.knows(person, { email: `new-${email}` });
    await world.json('email', { messageId, ...bounced });
    expect(await bounceNotices(person)).toEqual([]);
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject({ status: 'sent' });
  });

  test('for a while is recorded, and the address is tried again', async () => {
    const { person, messageId } = await world.reached();
    await world.json('email', { messageId, ...bounced, permanent: false });
    expect(await deliveryOf(person, 'email')).toMatchObject({ status: 'bounced' });
    expect(await bounceNotices(person)).toEqual([]);
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject({ status: 'sent' });
  });
});

describe('a mail that was accepted before the connection broke', () => {
  const acceptedUnheard = async () => {
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

  test('is not sent again after a callback that it was delivered', async () => {
    const { person, email, messageId } = await acceptedUnheard();
    expect(await world.json('email', { messageId, ...delivered })).toMatchObject(accepted);
    expect(await deliveryOf(person, 'email')).toEqual({
      channel: 'email',
      status: 'delivered',
      attempts: 1,
      sentAt: expect.any(String),
    });
    expect(await alertOf(person)).toMatchObject({ status: 'sent' });
    expect(await readQuota(person)).toEqual([1]);
    expect(world.mailsTo(email)).toHaveLength(1);
  });

  test('is not sent again after a callback that it bounced for good, nor is another to the address', async () => {
    const { person, email, messageId } = await acceptedUnheard();
    await world.json('email', { messageId, ...bounced });
    expect(await deliveryOf(person, 'email')).toMatchObject({ status: 'bounced', attempts: 1 });
    expect(await alertOf(person)).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    expect(await bounceNotices(person)).toHaveLength(1);
    expect(await readQuota(person)).toEqual([0]);
    const skipped = { status: 'skipped', failureReason: 'bounced' };
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject(skipped);
    expect(world.mailsTo(email)).toHaveLength(1);
  });
});

describe('the callback of an SMS provider', () => {
  test.each([
    ['queued', {}, { status: 'sent' }],
    ['sent', {}, { status: 'sent' }],
    ['delivered', {}, { status: 'delivered' }],
    ['undelivered', { ErrorCode: '30003' }, { status: 'bounced', failureReason: 'twilio_30003' }],
    ['failed', { ErrorCode: '30006' }, { status: 'bounced', failureReason: 'twilio_30006' }],
    ['failed', {}, { status: 'bounced', failureReason: 'twilio_failed' }],
    ['failed', { ErrorCode: '<b>' }, { status: 'bounced', failureReason: 'twilio_failed' }],
  ])('with status %s and %o makes the delivery %o', async (MessageStatus, more, wanted) => {
    const { person, sms } = await world.reached(['in-app', 'sms']);
    expect(await world.form(sms, { MessageStatus, ...more })).toMatchObject(accepted);
    expect(await deliveryOf(person, 'sms')).toMatchObject(wanted);
  });

  test.each([
    ['30003', 'sent'],
    ['30005', 'skipped'],
    ['21610', 'skipped'],
  ])('with error %s makes the next delivery %s', async (ErrorCode, status) => {
    const { person, sms } = await world.reached(['in-app', 'sms']);
    await world.form(sms, { MessageStatus: 'undelivered', ErrorCode });
    expect((await world.tellsAgain(person, ['in-app', 'sms'])).deliveries[1]).toMatchObject({ status });
    const notices = await bounceNotices(person);
    expect(notices.map(({ message }) => /\+49•••••\d{3}/.test(message))).toEqual(
      status === 'sent' ? [] : [true],
    );
  });

  test.each([
    ['another token', { token: 'another-password' }],
    ['another field', { fields: { MessageStatus: 'delivered' } }],
    ['another field besides', { fields: { Extra: 'x' } }],
    ['another delivery', { path: '/api/providers/sms/callbacks?delivery=x' }],
  ])('signed for %s is refused', async (_name, signed) => {
    const { person, sms } = await world.reached(['in-app', 'sms']);
    expect(await world.form(sms, failed, signed)).toMatchObject({ status: 401 });
    expect(await deliveryOf(person, 'sms')).toMatchObject({ status: 'sent' });
  });
});
