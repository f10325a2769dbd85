/** What ends by itself: texts and addresses of messages, texts of deleted expenses, and what belongs to old periods. */
import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { resendDelivery } from '../../../src/deliver/resend-delivery.ts';
import { smtpRefusal } from '../../support/servers/smtp-server.ts';
import { ProviderWorld, publicUrl } from '../../support/worlds/provider-world.ts';
import { Person } from '../../support/worlds/person.ts';
import { findInTables } from '../../support/worlds/traces.ts';

let world: ProviderWorld;
beforeAll(async () => {
  world = await ProviderWorld.begin();
});
afterAll(() => world.end());

const run = (job: string) => runJobNow(world.service.services, job, world.service.clock.now());

type Kept = {
  channel: string;
  status: string;
  has_text: boolean;
  address: string | null;
  has_digest: boolean;
};

async function keptOf({ userId }: Person): Promise<Kept[]> {
  const { rows } = await statement<Kept>`
    select d.channel, d.status, d.message <> '{}' as has_text, d.address, d.address_digest is not null as has_digest
    from notification_deliveries d join notification_history n on n.id = d.notification_id
    where n.user_id = ${userId}
    order by d.channel`.execute(world.service.sql);
  return rows;
}

/** Resends a person's mail, and waits until the sweep has enqueued it. */
async function resend({ userId }: Person): Promise<void> {
  const { service } = world;
  const { db, channelSetup } = service.services;
  const { tenantId } = service.tenant;
  const { rows } = await statement<{ id: string }>`
    select d.id from notification_deliveries d join notification_history n on n.id = d.notification_id
    where n.user_id = ${userId} and d.channel = 'email'`.execute(service.sql);
  const ref = { tenantId, deliveryId: rows[0]?.id ?? '' };
  const resent = await resendDelivery(db, ref, channelSetup, service.clock.now());
  expect(resent).toEqual({ kind: 'resent', channel: 'email' });
  service.clock.advance({ minutes: 1 });
  await run('sweep-pending');
  await service.settled();
}

const nothing = { has_text: false, address: null };

describe('the text and address of a delivery', () => {
  test('end when it is sent or skipped, and the digest of the address after 30 days', async () => {
    const { person, email } = await world.reached(['in-app', 'email', 'push']);
    expect(await keptOf(person)).toEqual([
      { channel: 'email', status: 'sent', ...nothing, has_digest: true },
      { channel: 'in-app', status: 'sent', ...nothing, has_digest: false },
      { channel: 'push', status: 'skipped', ...nothing, has_digest: false },
    ]);
    expect(await findInTables(world.service.sql, [email])).toEqual(['public.users']);
    world.service.clock.advance({ hours: 30 * 24 - 1 });
    await run('retention');
    expect(await keptOf(person)).toContainEqual({
      channel: 'email',
      status: 'sent',
      ...nothing,
      has_digest: true,
    });
    world.service.clock.advance({ hours: 1 });
    await run('retention');
    expect(await keptOf(person)).toContainEqual({
      channel: 'email',
      status: 'sent',
      ...nothing,
      has_digest: false,
    });
  });

  test('stay for 30 days if it failed, and a resend after that renders anew, to the address of then', async () => {
    world.mail.behaviour = { onAddressee: () => Promise.reject(smtpRefusal(550)) };
    const { person, email } = await world.reached();
    world.mail.behaviour = {};
    const failed = { channel: 'email', status: 'failed', has_text: true, address: email, has_digest: true };
    expect(await keptOf(person)).toContainEqual(failed);
    world.service.clock.advance({ hours: 30 * 24 - 1 });
    await run('retention');
    expect(await keptOf(person)).toContainEqual(failed);
    world.service.clock.advance({ hours: 1 });
    await run('retention');
    expect(await keptOf(person)).toContainEqual({
      channel: 'email',
      status: 'failed',
      ...nothing,
      has_digest: false,
    });
    const moved = `new-${email}`;
    await world.knows(person, { email: moved });
    await resend(person);
    expect(world.mailsTo(moved)).toMatchObject([
      { raw: expect.stringContaining('$100.00 of $100.00 spent') },
    ]);
    expect(await keptOf(person)).toContainEqual({
      channel: 'email',
      status: 'sent',
      ...nothing,
      has_digest: true,
    });
  });

  test('end for a mail that is delivered, and a bounce still marks the address that it went to', async () => {
    const { person, email, messageId } = await world.reached();
    await world.json('email', { messageId, event: 'delivered' });
    expect(await keptOf(person)).toContainEqual({
      channel: 'email',
      status: 'delivered',
      ...nothing,
      has_digest: true,
    });
    await world.json('email', { messageId, event: 'bounced', reason: 'smtp_550', permanent: true });
    const { rows } = await statement`select bounced_email from users where id = ${person.userId}`.execute(
      world.service.sql,
    );
    expect(rows).toEqual([{ bounced_email: email }]);
  });

  test('leave the unsubscribe link of a mail that is out as it was', async () => {
    const { email } = await world.reached();
    const [mail] = world.mailsTo(email);
    const link = /<(?<url>[^>]+)>/.exec(mail?.headers['list-unsubscribe'] ?? '')?.groups?.['url'] ?? '';
    const answer = await fetch(link.replace(publicUrl, world.service.url), { method: 'POST' });
    expect(answer.status).toBe(200);
  });
});

describe('merchant and description of a deleted expense', () => {
  const event = (type: string, id: string, data: object) => ({
    id: randomUUID(),
    type: `expense.${type}`,
    time: world.service.clock.now().toString(),
    data: { expenseId: id, ...data },
  });
  const facts = (merchant: string) => ({
    userId: 'spender',
    categoryId: 'food',
    amount: '1.00',
    currency: 'USD',
    spentAt: world.service.clock.now().toString(),
    merchant,
    description: `${merchant} at noon`,
  });
  const post = async (...events: object[]) => {
    expect((await world.service.post('/api/events', events)).status).toBe(202);
    await world.service.settled();
  };

  test('end too if another expense replaced it, and stay in the events of that', async () => {
    const [pending, posted] = [randomUUID(), randomUUID()];
    await post(event('created', pending, facts(`A ${pending}`)));
    world.service.clock.advance({ seconds: 1 });
    await post(event('created', posted, { ...facts(`B ${posted}`), replaces: pending }));
    await run('retention');
    const found = await findInTables(world.service.sql, [`A ${pending}`]);
    expect(found).not.toContain('public.events');
    expect(await findInTables(world.service.sql, [`B ${posted}`])).toContain('public.events');
  });

  test('end in all its stored events, and stay in those of others', async () => {
    const [gone, kept, back] = [randomUUID(), randomUUID(), randomUUID()];
    await post(event('created', gone, facts(`A ${gone}`)), event('created', kept, facts(`A ${kept}`)));
    await post(event('created', back, facts(`A ${back}`)));
    world.service.clock.advance({ seconds: 1 });
    await post(event('updated', gone, facts(`B ${gone}`)));
    world.service.clock.advance({ seconds: 1 });
    await post(event('deleted', gone, {}), event('deleted', back, {}));
    world.service.clock.advance({ seconds: 1 });
    await post(event('created', back, facts(`C ${back}`)));
    await run('retention');
    // Profiles name merchants too, until their next rebuild.
    const inEvents = async (...texts: string[]) =>
      (await findInTables(world.service.sql, texts)).filter((table) => table === 'public.events');
    expect(await inEvents(`A ${gone}`, `B ${gone}`)).toEqual([]);
    expect(await inEvents(`A ${kept}`)).toEqual(['public.events']);
    expect(await inEvents(`C ${back}`)).toEqual(['public.events']);
  });
});

describe('retention of budget periods', () => {
  const countOf = async (table: string, userId: string): Promise<number> => {
    const rows = {
      notification_history: statement`select 1 from notification_history where user_id = ${userId}`,
      expenses: statement`select 1 from expenses where user_id = ${userId}`,
    }[table];
    const ofRule = statement`
      select 1 from ${statement.table(table)} t join smart_alert_rules r on r.id = t.rule_id
      where r.user_id = ${userId}`;
    return (await (rows ?? ofRule).execute(world.service.sql)).rows.length;
  };
  const tables = ['rule_spend', 'alert_states', 'alert_decisions', 'notification_history', 'expenses'];
  const counts = (userId: string) => Promise.all(tables.map((table) => countOf(table, userId)));

  test('deletes what ended two years ago, keeps what is younger, and never an expense', async () => {
    const { clock } = world.service;
    const monthly = await Person.arrives(world.service);
    const yearly = await Person.arrives(world.service);
    const ruleId = await monthly.budget('100.00', { channels: ['in-app'] });
    await yearly.budget('100.00', { channels: ['in-app'], period: 'yearly' });
    const month = clock.now().toString().slice(0, 7);
    await monthly.spend('90.00');
    await yearly.spend('90.00');
    const before = await counts(monthly.userId);
    expect(before.every((count) => count > 0)).toBe(true);
    // 730 days after the end of the month, and a day to spare.
    const end = Temporal.PlainYearMonth.from(month).add({ months: 1 }).toPlainDate({ day: 1 });
    clock.moveTo(end.add({ days: 730 }).toZonedDateTime('UTC').toInstant());
    await run('retention');
    expect(await counts(monthly.userId)).toEqual(before);
    clock.advance({ hours: 48 });
    await run('retention');
    expect(await counts(monthly.userId)).toEqual([0, 0, 0, 0, 1]);
    expect((await counts(yearly.userId)).every((count) => count > 0)).toBe(true);
    // A late expense of that month is measured again, and nobody is told.
    await monthly.spend('50.00', {
      at: Temporal.PlainDate.from(`${month}-28`).toZonedDateTime('UTC').toInstant(),
    });
    expect(await monthly.notifications()).toEqual([]);
    expect(await monthly.rule(ruleId)).toMatchObject({ spent: '0.00' });
    expect(await run('reconcile-spending')).toMatchObject({
      outcome: expect.stringContaining('differences: 0'),
    });
  });
});
