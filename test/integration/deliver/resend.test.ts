import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resendDelivery } from '../../../src/deliver/resend-delivery.ts';
import { type Ran, runLine } from '../../support/servers/command-line.ts';
import type { Person } from '../../support/worlds/person.ts';
import { ProviderWorld } from '../../support/worlds/provider-world.ts';
import { quotaOf } from '../../support/worlds/rows.ts';
import { smtpRefusal } from '../../support/servers/smtp-server.ts';
import { deliveries } from '../../../src/deliver/queue.ts';

const noDelivery = '01a20366-d534-7ad4-baa5-cf2d9295768f';

let world: ProviderWorld;
beforeAll(async () => {
  // The commands use the default prefix of the queues, so the service has to use it too.
  world = await ProviderWorld.begin({ queuePrefix: 'spendwatch' });
});
afterAll(() => world.end());

/** Runs a delivery command for the tenant, as an operator types it. */
function spendwatch(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const { databaseUrl: DATABASE_URL, tenant } = world.service;
  const settings = { DATABASE_URL, ...world.settings, ...env };
  return runLine(settings, 'delivery', ...args, '--tenant', tenant.tenantId, '--json');
}

type Listed = { deliveryId: string; notificationId: string; channel: string; status: string };

async function listed(...args: string[]): Promise<Listed[]> {
  const { code, stdout, stderr } = await spendwatch(['list', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

const alertOf = async (person: Person) => {
  const alert = (await person.notifications()).findLast(({ type }) => type === 'budget_alert');
  if (!alert) throw new Error('there is no alert');
  return alert;
};

/** The id of the mail delivery of a person's latest alert. */
async function mailOf(person: Person): Promise<string> {
  const { id } = await alertOf(person);
  const found = (await listed()).find((each) => each.notificationId === id && each.channel === 'email');
  return found?.deliveryId ?? '';
}

async function resent(deliveryId: string): Promise<void> {
  const { code, stdout, stderr } = await spendwatch(['resend', deliveryId]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({ deliveryId, status: 'pending' });
  await world.service.settled();
}

const isRefused = (why: string) => ({
  code: 1,
  stdout: '',
  stderr: expect.stringMatching(new RegExp(`^error: .*${why}.*\n$`)),
});

describe('spendwatch delivery list', () => {
  test('shows the status of each, newest first, without addresses and texts', async () => {
    const { email, messageId } = await world.reached(['in-app', 'email', 'sms']);
    await world.json('email', { messageId, event: 'bounced', reason: 'smtp_550' });
    const { stdout } = await spendwatch(['list', '--status', 'bounced']);
    const [deliveryId] = /(?<=\.)[0-9a-f-]{36}/.exec(messageId) ?? [];
    expect(JSON.parse(stdout)[0]).toEqual({
      deliveryId,
      notificationId: expect.any(String),
      channel: 'email',
      status: 'bounced',
      attempts: 1,
      failureReason: 'smtp_550',
      changedAt: world.service.clock.now().toString(),
    });
    const all = await listed();
    expect(all.map((each) => each.deliveryId)).toEqual(
      all
        .map((each) => each.deliveryId)
        .toSorted()
        .toReversed(),
    );
    expect(JSON.stringify(all)).not.toContain(email);
    expect(await listed('--limit', '2')).toEqual(all.slice(0, 2));
  });

  test.each([
    [['list', '--status', 'lost'], 'Allowed choices are pending'],
    [['list', '--limit', '0'], 'Give a number from 1'],
    [['list', '--limit', 'ten'], 'Give a number from 1'],
  ])('refuses the arguments %j', async (args, message) => {
    expect(await spendwatch(args)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
  });
});

describe('spendwatch delivery resend', () => {
  test('sends a failed delivery again, and its notification becomes sent', async () => {
    world.mail.behaviour.onAddressee = async () => Promise.reject(smtpRefusal(550));
    const { person, email } = await world.reached();
    world.mail.behaviour = {};
    expect(await alertOf(person)).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    await resent(await mailOf(person));
    const notification = await alertOf(person);
    expect(notification).toMatchObject({ status: 'sent', deliveries: [{}, { status: 'sent', attempts: 1 }] });
    expect(notification).not.toHaveProperty('reason');
    // The command sends at the real time, when the month of the service's clock may be over.
    const subject = expect.stringMatching(/^All spending.*: 100% of the monthly budget$/);
    expect(world.mailsTo(email)).toMatchObject([{ headers: { subject } }]);
  });

  test('sends a bounced delivery again, and its address is used again', async () => {
    const { person, email, messageId } = await world.reached();
    await world.json('email', { messageId, event: 'bounced' });
    await resent(await mailOf(person));
    expect(await alertOf(person)).toMatchObject({ status: 'sent', deliveries: [{}, { status: 'sent' }] });
    const ids = world.mailsTo(email).map(({ headers }) => headers['message-id']);
    expect(ids).toEqual([messageId, messageId]);
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject({ status: 'sent' });
  });

  test('makes the notification pending until the delivery is sent', async () => {
    const { person, messageId } = await world.reached(['in-app', 'email', 'sms']);
    await world.json('email', { messageId, event: 'bounced' });
    expect(await alertOf(person)).toMatchObject({ status: 'sent', sentAt: expect.any(String) });
    const { db, clock, channelSetup, queues } = world.service.services;
    const ref = { tenantId: world.service.tenant.tenantId, deliveryId: await mailOf(person) };
    expect(await resendDelivery(db, ref, channelSetup, clock.now())).toEqual({
      kind: 'resent',
      channel: 'email',
    });
    const notification = await alertOf(person);
    expect(notification).toMatchObject({
      status: 'pending',
      deliveries: [{}, { status: 'pending', attempts: 0 }, {}],
    });
    expect(notification).not.toHaveProperty('sentAt');
    await queues.enqueueAgain(deliveries, [{ ...ref, channel: 'email', correlationId: 'c1' }]);
    await world.service.settled();
    expect(await alertOf(person)).toMatchObject({ status: 'sent', sentAt: expect.any(String) });
  });

  test('frees the daily quota once for a mail that bounces twice', async () => {
    const { person, messageId } = await world.reached();
    const readQuota = () => quotaOf(world.service.sql, person);
    expect(await readQuota()).toEqual([1]);
    await world.json('email', { messageId, event: 'bounced' });
    await resent(await mailOf(person));
    await world.json('email', { messageId, event: 'bounced' });
    expect(await alertOf(person)).toMatchObject({ status: 'failed' });
    expect(await readQuota()).toEqual([0]);
  });

  test('renders the message of a skipped delivery for its channel', async () => {
    const { person, email, messageId } = await world.reached();
    await world.json('email', { messageId, event: 'bounced' });
    const notification = await world.tellsAgain(person);
    expect(notification.deliveries[1]).toMatchObject({ status: 'skipped', failureReason: 'bounced' });
    await resent(await mailOf(person));
    expect(world.mailsTo(email)[1]?.headers).toHaveProperty('list-unsubscribe-post');
  });

  test.each([
    ['a sent delivery', async () => undefined, 'it was sent'],
    [
      'a delivered one',
      (messageId: string) => world.json('email', { messageId, event: 'delivered' }),
      'it was delivered',
    ],
  ])('refuses %s', async (_name, happens, why) => {
    const { person, messageId } = await world.reached();
    await happens(messageId);
    expect(await spendwatch(['resend', await mailOf(person)])).toEqual(isRefused(why));
  });

  test.each([
    [
      'who has opted out',
      (person: Person) => person.prefers({ channels: { email: false } }),
      'does not want',
    ],
    [
      'who has no address any more',
      (person: Person) => world.knows(person, { email: null }),
      'has no address',
    ],
  ])('refuses a person %s', async (_name, happens, why) => {
    const { person, messageId } = await world.reached();
    await world.json('email', { messageId, event: 'bounced' });
    await happens(person);
    expect(await spendwatch(['resend', await mailOf(person)])).toEqual(isRefused(why));
    expect(await alertOf(person)).toMatchObject({ status: 'failed' });
  });

  test('refuses a channel without settings and an unknown delivery', async () => {
    const { person, messageId } = await world.reached();
    await world.json('email', { messageId, event: 'bounced' });
    const without = { SMTP_URL: '', MAIL_FROM: '' };
    const ran = await spendwatch(['resend', await mailOf(person)], without);
    expect(ran).toEqual(isRefused('settings of this channel are missing'));
    expect(await spendwatch(['resend', noDelivery])).toEqual(isRefused(`has no delivery ${noDelivery}`));
  });
});
