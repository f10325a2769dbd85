import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resendDelivery } from '../../../src/deliver/resend-delivery.ts';
import { type Ran, runLine } from '../../support/servers/command-line.ts';
import type { Person } from '../../support/worlds/person.ts';
import { ProviderWorld } from '../../support/worlds/provider-world.ts';
import { smtpRefusal } from '../../support/servers/smtp-server.ts';
import { deliveries } from '../../../src/deliver/queue.ts';

const noDelivery = '01a20366-d534-7ad4-baa5-cf2d9295768f';

let world: ProviderWorld;
beforeAll(async () => {
  // The commands' queues are the service's.
  world = await ProviderWorld.begin({ queuePrefix: 'spendwatch' });
});
afterAll(() => world.end());

/** As an operator types it, of the tenant's. */
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
  const told = (await person.notifications()).findLast(({ type }) => type === 'budget_alert');
  if (!told) throw new Error('nothing was told');
  return told;
};

/** The id of a person's latest delivery of mail. */
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
  test('shows how each stands, newest first, and neither addresses nor texts', async () => {
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
  ])('refuses %j', async (args, words) => {
    expect(await spendwatch(args)).toMatchObject({ code: 1, stderr: expect.stringContaining(words) });
  });
});

describe('spendwatch delivery resend', () => {
  test('sends what failed once more, and its notification ends anew', async () => {
    world.mail.behaviour.onAddressee = async () => Promise.reject(smtpRefusal(550));
    const { person, email } = await world.reached();
    world.mail.behaviour = {};
    expect(await alertOf(person)).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    await resent(await mailOf(person));
    const told = await alertOf(person);
    expect(told).toMatchObject({ status: 'sent', deliveries: [{}, { status: 'sent', attempts: 1 }] });
    expect(told).not.toHaveProperty('reason');
    expect(world.mailsTo(email)).toMatchObject([{ headers: { subject: told.title } }]);
  });

  test('sends what bounced once more, and its address is tried again', async () => {
    const { person, email, messageId } = await world.reached();
    await world.json('email', { messageId, event: 'bounced' });
    await resent(await mailOf(person));
    expect(await alertOf(person)).toMatchObject({ status: 'sent', deliveries: [{}, { status: 'sent' }] });
    const ids = world.mailsTo(email).map(({ headers }) => headers['message-id']);
    expect(ids).toEqual([messageId, messageId]);
    expect((await world.tellsAgain(person)).deliveries[1]).toMatchObject({ status: 'sent' });
  });

  test('leaves its notification pending until it is sent', async () => {
    const { person, messageId } = await world.reached(['in-app', 'email', 'sms']);
    await world.json('email', { messageId, event: 'bounced' });
    expect(await alertOf(person)).toMatchObject({ status: 'sent', sentAt: expect.any(String) });
    const { db, clock, channelSetup: means, queues } = world.service.services;
    const ref = { tenantId: world.service.tenant.tenantId, deliveryId: await mailOf(person) };
    expect(await resendDelivery(db, ref, means, clock.now())).toEqual({ kind: 'resent', channel: 'email' });
    const told = await alertOf(person);
    expect(told).toMatchObject({
      status: 'pending',
      deliveries: [{}, { status: 'pending', attempts: 0 }, {}],
    });
    expect(told).not.toHaveProperty('sentAt');
    await queues.enqueueAgain(deliveries, [{ ...ref, channel: 'email', correlationId: 'c1' }]);
    await world.service.settled();
    expect(await alertOf(person)).toMatchObject({ status: 'sent', sentAt: expect.any(String) });
  });

  test('gives a place of the day back once, however often it comes back', async () => {
    const { person, messageId } = await world.reached();
    const places = async () =>
      (
        await statement<{ count: number }>`
          select count from daily_interruptions where user_id = ${person.userId}`.execute(world.service.sql)
      ).rows;
    expect(await places()).toEqual([{ count: 1 }]);
    await world.json('email', { messageId, event: 'bounced' });
    await resent(await mailOf(person));
    await world.json('email', { messageId, event: 'bounced' });
    expect(await alertOf(person)).toMatchObject({ status: 'failed' });
    expect(await places()).toEqual([{ count: 0 }]);
  });

  test('words what was skipped as its channel does', async () => {
    const { person, email, messageId } = await world.reached();
    await world.json('email', { messageId, event: 'bounced' });
    const told = await world.tellsAgain(person);
    expect(told.deliveries[1]).toMatchObject({ status: 'skipped', failureReason: 'bounced' });
    await resent(await mailOf(person));
    expect(world.mailsTo(email)[1]?.headers).toHaveProperty('list-unsubscribe-post');
  });

  test.each([
    ['what was sent', async () => undefined, 'it was sent'],
    [
      'what was delivered',
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
  ])('refuses to send to somebody %s', async (_name, happens, why) => {
    const { person, messageId } = await world.reached();
    await world.json('email', { messageId, event: 'bounced' });
    await happens(person);
    expect(await spendwatch(['resend', await mailOf(person)])).toEqual(isRefused(why));
    expect(await alertOf(person)).toMatchObject({ status: 'failed' });
  });

  test('refuses a channel whose settings it has not, and what there is not', async () => {
    const { person, messageId } = await world.reached();
    await world.json('email', { messageId, event: 'bounced' });
    const without = { SMTP_URL: '', MAIL_FROM: '' };
    const ran = await spendwatch(['resend', await mailOf(person)], without);
    expect(ran).toEqual(isRefused('settings of this channel are missing'));
    expect(await spendwatch(['resend', noDelivery])).toEqual(isRefused(`has no delivery ${noDelivery}`));
  });
});
