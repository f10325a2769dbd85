/** The message of a group on each channel, and the pages that its links and those of its alerts lead to. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { notificationToken } from '../../../src/notify/decide/notification-token.ts';
import { MessagesServer } from '../../support/servers/messages-server.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import { heading } from '../../support/worlds/pages.ts';
import type { Person } from '../../support/worlds/person.ts';

let sms: MessagesServer;
let world: NotificationWorld;
beforeAll(async () => {
  sms = await MessagesServer.start();
  world = await NotificationWorld.begin('2026-11-10T12:00:00Z', {
    queuePrefix: 'group-messages',
    env: {
      GROUP_WAIT_SECONDS: '30',
      PUBLIC_URL: 'https://spend.example',
      SMS_URL: sms.url,
      SMS_FROM: sms.config.from,
      SMS_TOKEN: sms.config.token,
    },
  });
});
afterAll(async () => {
  await world.end();
  await sms.stop();
});

const pass = (seconds: number): Promise<void> => world.comes(world.service.clock.now().add({ seconds }));

/** Makes a person whose one expense fills a budget for each name, with these channels. */
async function overrun(channels: Record<string, readonly string[]>): Promise<Person> {
  const person = await world.person();
  await world.service.put(
    `/api/users/${person.userId}`,
    { phone: '+15551230000' },
    world.service.tenant.adminKey,
  );
  const thresholds = [{ percent: 100, severity: 'danger' }];
  for (const [name, used] of Object.entries(channels))
    await person.budget('100.00', { name, thresholds, channels: ['in-app', ...used] });
  await person.spend('120.00');
  return person;
}

/** The page of a notification, by a link of its own. */
async function pageOf({ userId }: Person, notificationId: string): Promise<string> {
  const [user] = await world.service.sql
    .selectFrom('users')
    .select('unsubscribe_key')
    .where('id', '=', userId)
    .execute();
  const { tenantId } = world.service.tenant;
  const token = notificationToken({ tenantId, notificationId, key: user?.unsubscribe_key ?? '' });
  return (await fetch(`${world.service.url}/n/${token}`)).text();
}

describe('a group', () => {
  test('shows on each channel the alerts whose rules use it', async () => {
    const person = await overrun({ Mailed: ['email'], Texted: ['sms'], Both: ['email', 'sms'], Quiet: [] });
    expect(sms.taken).toEqual([]);
    await pass(30);
    const [mail, ...others] = world.mailsTo(person);
    const text = await readFile(mail?.file ?? '', 'utf8');
    expect([others, mail?.subject]).toEqual([[], '2 budgets need a look']);
    expect(['Mailed', 'Texted', 'Both', 'Quiet'].map((name) => text.includes(name))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(sms.taken).toHaveLength(1);
    const [message] = sms.taken;
    expect(['Mailed', 'Texted', 'Both', 'Quiet'].map((name) => message?.text.includes(name))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    const quiet = (await person.notifications()).find(({ title }) => title.startsWith('Quiet'));
    expect(quiet).toMatchObject({ status: 'sent', reason: 'no_channel' });
  });

  test('has a page of its own, and so has each of its alerts', async () => {
    const person = await overrun({ Food: ['email'], Fun: ['email'] });
    const [waiting] = await person.notifications();
    const before = await pageOf(person, waiting?.id ?? '');
    expect(before).toMatch(/It waits until .* for others, so that they are one message\./);
    await pass(30);
    const [food, fun, rollUp] = await person.notifications();
    for (const alert of [food, fun]) {
      const page = await pageOf(person, alert?.id ?? '');
      expect(heading(page)).toBe(alert?.title);
      expect(page).toContain('It came together with others, so they were told in one message.');
    }
    const page = await pageOf(person, rollUp?.id ?? '');
    expect(heading(page)).toBe('2 budgets need a look');
    for (const name of ['Food', 'Fun']) expect(page).toMatch(new RegExp(`${name}: 120% `));
  });
});
