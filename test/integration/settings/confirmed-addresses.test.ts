/** People confirm an address before it is used: from the change over the message and its link to the alerts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fitsOnePart } from '../../../src/notify/messages/sms-part.ts';
import { runCommand } from '../../support/servers/command-line.ts';
import { ConfirmationWorld } from '../../support/worlds/confirmation-world.ts';
import { heading } from '../../support/worlds/pages.ts';

const lines: string[] = [];
let world: ConfirmationWorld;
beforeAll(async () => {
  world = await ConfirmationWorld.start({ log: { write: (line: string) => void lines.push(line) } });
});
afterAll(() => world.stop());

const sent = [
  { channel: 'email', status: 'sent' },
  { channel: 'sms', status: 'sent' },
];
const skipped = (reason: string) => ({ status: 'skipped', failureReason: reason });
const nothing = { email: null, phone: null };

describe('an address that a service sets', () => {
  test('is used for alerts once its link was opened and confirmed, and not before', async () => {
    const addresses = { email: 'ada@example.com', phone: '+4915112345001' };
    const answer = await world.set('ada', addresses);
    expect(answer).toMatchObject({ status: 200, body: { ...nothing, unconfirmed: addresses } });
    const byMail = await world.askedByMail(addresses.email);
    const bySms = await world.askedBySms(addresses.phone);
    expect(byMail.mail.headers).toMatchObject({
      subject: 'Test: confirm your address',
      to: 'ada@example.com',
    });
    expect(byMail.mail.headers).not.toHaveProperty('list-unsubscribe');
    for (const text of [byMail.text, bySms.text]) expect(text).toMatch(/Test[ :].*[Nn]othing happens/s);
    expect([fitsOnePart(bySms.text), bySms.callback]).toEqual([true, null]);
    expect(await world.alert('ada')).toMatchObject([skipped('not_confirmed'), skipped('not_confirmed')]);

    for (const { path } of [byMail, bySms]) {
      const shown = await world.open(path, 'GET');
      expect([shown.status, (await shown.text()).includes('<form method="post">')]).toEqual([200, true]);
    }
    expect(await world.read('ada')).toMatchObject({ ...nothing, unconfirmed: addresses });
    expect((await world.open(byMail.path, 'POST')).status).toBe(200);
    expect(await world.alert('ada')).toMatchObject([{ status: 'sent' }, skipped('not_confirmed')]);
    expect((await world.open(bySms.path, 'POST')).status).toBe(200);
    expect(await world.read('ada')).toMatchObject({ ...addresses, unconfirmed: nothing });
    expect(await world.alert('ada')).toMatchObject(sent);
    expect([world.mailsTo(addresses.email).length, world.smsTo(addresses.phone).length]).toEqual([3, 2]);
  });

  test('leaves the one before in use until it is confirmed', async () => {
    await world.set('bob', { email: 'old@example.com' });
    await world.open((await world.askedByMail('old@example.com')).path, 'POST');
    await world.set('bob', { email: 'next@example.com' });
    const { path } = await world.askedByMail('next@example.com');
    expect(await world.read('bob')).toMatchObject({
      email: 'old@example.com',
      unconfirmed: { email: 'next@example.com' },
    });
    expect(await world.alert('bob')).toMatchObject([{ status: 'sent' }, skipped('no_address')]);
    expect([world.mailsTo('old@example.com').length, world.mailsTo('next@example.com').length]).toEqual([
      2, 1,
    ]);
    await world.open(path, 'POST');
    await world.alert('bob');
    expect([world.mailsTo('old@example.com').length, world.mailsTo('next@example.com').length]).toEqual([
      2, 2,
    ]);
  });

  test('in use and set again drops the one that waits, and null removes both', async () => {
    await world.set('cy', { email: 'cy@example.com' });
    await world.open((await world.askedByMail('cy@example.com')).path, 'POST');
    await world.set('cy', { email: 'cy-next@example.com' });
    const { path } = await world.askedByMail('cy-next@example.com');
    expect((await world.set('cy', { email: 'cy@example.com' })).body.unconfirmed).toEqual(nothing);
    expect((await world.open(path, 'POST')).status).toBe(404);
    await world.set('cy', { email: 'cy-other@example.com' });
    const other = await world.askedByMail('cy-other@example.com');
    expect((await world.set('cy', { email: null })).body).toMatchObject({
      email: null,
      unconfirmed: nothing,
    });
    expect((await world.open(other.path, 'POST')).status).toBe(404);
    expect((await world.read('cy')).email).toBeNull();
    expect(await world.alert('cy')).toMatchObject([skipped('no_address'), skipped('no_address')]);
  });

  test('waits in a tenant that the command line made so', async () => {
    const env = { DATABASE_URL: world.service.databaseUrl };
    const create = (...more: string[]) => runCommand(env, 'tenant', 'create', '--name', 'Made', ...more);
    const tenants = [await create('--confirm-addresses'), await create()];
    const rows = await world.service.sql
      .selectFrom('tenants')
      .select(['id', 'confirm_addresses'])
      .where('name', '=', 'Made')
      .execute();
    const isConfirming = new Map(rows.map((row) => [row.id, row.confirm_addresses]));
    expect(tenants.map(({ tenantId }) => isConfirming.get(String(tenantId)))).toEqual([true, false]);
  });

  test('counts as confirmed where the tenant was not made so', async () => {
    const { tenant } = world.service;
    const { body } = await world.set('dan', { email: 'dan@example.com' }, tenant);
    expect(body).toMatchObject({ email: 'dan@example.com', unconfirmed: nothing });
    expect(await world.alert('dan', tenant)).toMatchObject([{ status: 'sent' }, skipped('no_address')]);
    expect(world.mailsTo('dan@example.com')).toHaveLength(1);
  });

  test('is gone with its person, and no address or link is in the log', async () => {
    await world.set('eve', { email: 'eve@example.com' });
    const { path } = await world.askedByMail('eve@example.com');
    const exported = await world.service.get('/api/users/eve/export', world.tenant.adminKey);
    expect(exported.body.addresses).toMatchObject({ email: null, unconfirmed: { email: 'eve@example.com' } });
    const { body } = await world.service.delete('/api/users/eve', world.tenant.adminKey);
    expect(body.deleted).toMatchObject({ address_confirmations: 1 });
    expect((await world.open(path, 'POST')).status).toBe(404);
    const log = lines.join('');
    expect(log).toContain('tried to ask for a confirmation');
    expect(
      ['@example.com', '+49151', path.slice('/confirm/'.length)].filter((text) => log.includes(text)),
    ).toEqual([]);
  });
});

describe('messages to confirm an address', () => {
  test('are sent once an hour for the same address, whose link goes on working', async () => {
    await world.set('fay', { email: 'fay@example.com' });
    const { path } = await world.askedByMail('fay@example.com');
    await world.set('fay', { email: 'fay@example.com' });
    await world.set('fay', { email: 'fay-2@example.com' });
    await world.askedByMail('fay-2@example.com');
    expect((await world.open(path, 'GET')).status).toBe(404);
    expect((await world.set('fay', { email: 'fay@example.com' })).body.unconfirmed.email).toBe(
      'fay@example.com',
    );
    const shown = await world.open(path, 'POST');
    expect(heading(await shown.text())).toBe('Your email address is confirmed');
    // The link was used, so a message would be needed.
    await world.set('fay', { email: null });
    const again = await world.set('fay', { email: 'fay@example.com' });
    expect([again.status, again.headers.get('retry-after')]).toEqual([429, '3600']);
    world.service.clock.advance({ hours: 1 });
    expect((await world.set('fay', { email: 'fay@example.com' })).status).toBe(200);
    await expect.poll(() => world.mailsTo('fay@example.com').length).toBe(2);
    expect(world.mailsTo('fay-2@example.com')).toHaveLength(1);
  });

  test('go to an address once an hour, however many people a key gives it to', async () => {
    const spellings = ['Jo@example.com', 'jo@example.com', 'jo@EXAMPLE.com', 'jo@example.com'];
    const answers = await Promise.all(spellings.map((email, index) => world.set(`jo-${index}`, { email })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('3600');
    await expect
      .poll(() => world.servers.mail.mails.filter(({ to }) => /^jo@/i.test(String(to))).length)
      .toBe(1);
    const other = await world.service.anotherTenant({ confirmAddresses: true });
    expect((await world.set('jo', { email: 'jo@example.com' }, other)).status).toBe(200);
  });

  test('are five a day, however many changes come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => world.set('ida', { email: `ida-${index}@example.com` })),
    );
    const accepted = answers.filter(({ status }) => status === 200);
    expect([accepted.length, answers.filter(({ status }) => status === 429).length]).toEqual([5, 3]);
    const rows = await world.service.sql
      .selectFrom('address_confirmations')
      .select('address')
      .where('user_id', '=', 'ida')
      .execute();
    expect([rows.length, rows.filter(({ address }) => address !== null).length]).toEqual([5, 1]);
  });

  test('are five a day for one person and channel', async () => {
    const numbers = Array.from({ length: 6 }, (_, index) => `+491511234510${index}`);
    const [sixth = ''] = numbers.splice(5);
    for (const phone of numbers) {
      expect((await world.set('gus', { phone })).status).toBe(200);
      await world.askedBySms(phone);
      world.service.clock.advance({ hours: 2 });
    }
    const refused = await world.set('gus', { phone: sixth, email: 'gus@example.com' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, String(14 * 3600)]);
    expect(refused.body.detail).toContain('5 messages a day');
    expect((await world.read('gus')).unconfirmed).toEqual({ email: null, phone: numbers.at(-1) });
    // Neither removing what waits nor another channel makes room or takes it.
    expect((await world.set('gus', { phone: null })).status).toBe(200);
    expect((await world.set('gus', { phone: sixth })).status).toBe(429);
    expect((await world.set('gus', { email: 'gus@example.com' })).status).toBe(200);
    world.service.clock.advance({ hours: 14 });
    expect((await world.set('gus', { phone: sixth })).status).toBe(200);
    await world.askedBySms(sixth);
    expect(world.smsTo(sixth)).toHaveLength(1);
  });

  test('count against the month of their tenant, and are refused beyond it', async () => {
    const tenant = await world.service.anotherTenant({ confirmAddresses: true });
    await world.service.sql
      .updateTable('tenants')
      .set({ monthly_sms_limit: 1 })
      .where('id', '=', tenant.tenantId)
      .execute();
    expect((await world.set('hal', { phone: '+4915112345201' }, tenant)).status).toBe(200);
    const refused = await world.set('hal', { phone: '+4915112345202' }, tenant);
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('this month') } });
    await world.askedBySms('+4915112345201');
    expect(world.smsTo('+4915112345202')).toEqual([]);
  });
});
