import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { notificationToken } from '../../../src/notify/decide/notification-token.ts';
import { NotificationWorld } from '../../support/worlds/notification-world.ts';
import { buttons, heading } from '../../support/worlds/pages.ts';
import type { Person } from '../../support/worlds/person.ts';

const browser = { accept: 'text/html' };
const channels = ['in-app', 'email'];
let world: NotificationWorld;
beforeAll(async () => {
  world = await NotificationWorld.begin('2026-11-20T10:00:00Z', {
    env: { PUBLIC_URL: 'https://spend.example' },
  });
});
afterAll(() => world.end());

const here = (link: string) => link.replace('https://spend.example', world.service.url);
const open = async (link: string): Promise<string> => (await fetch(here(link), { headers: browser })).text();
const press = async (link: string, choice?: 'fewer' | 'all' | 'undo'): Promise<string> => {
  const body = new URLSearchParams(choice ? { choice } : { 'List-Unsubscribe': 'One-Click' });
  return (await fetch(here(link), { method: 'POST', headers: browser, body })).text();
};
const shown = (page: string): unknown[] => [heading(page), ...buttons(page)];

/** The links in the person's last mail: to end what it is, and to its page. */
async function linksTo(person: Person) {
  const html = await readFile(world.mailsTo(person).at(-1)?.file ?? '', 'utf8');
  const [, page = ''] = /href="(https:\/\/spend\.example\/n\/[\w-]{44})"/.exec(html) ?? [];
  const [, stop = ''] = /href="(https:\/\/spend\.example\/[^"]*\/unsubscribe\/[^"]+)"/.exec(html) ?? [];
  return { stop, page };
}

const preferences = async ({ userId }: Person) =>
  (await world.service.get('/api/smart-alerts/preferences', await world.service.token(userId))).body.data;

/** A person with the mail of an alert, by day. */
async function alerted(rule: object = {}) {
  world.service.clock.moveTo(world.next('10:00'));
  const person = await world.person();
  const ruleId = await person.budget('100', { channels, ...rule });
  await person.spend('100.00');
  return { person, ruleId, ...(await linksTo(person)) };
}

/** A person whose mail is the digest of the next morning. */
async function digested() {
  world.service.clock.moveTo(world.next('10:00'));
  const person = await world.person();
  await person.spend('5.00');
  await world.comes('12:00');
  await world.comes('08:30');
  return { person, ...(await linksTo(person)) };
}

describe('the one-click link of an alert', () => {
  test('ends the mails about its budget, and no others', async () => {
    const { person, ruleId, stop } = await alerted();
    const other = await person.budget('100', { channels, categoryId: 'fun' });
    expect(shown(await open(stop))).toEqual([
      'Stop mails about this budget?',
      'Stop mails about this budget',
      'At most one message a day about it',
      'Stop all mails',
    ]);
    expect((await person.rule(ruleId)).channels).toEqual(channels);
    expect(shown(await press(stop))).toEqual([
      'You get no more mails about this budget',
      'Undo',
      'Stop all mails',
    ]);
    expect((await person.rule(ruleId)).channels).toEqual(['in-app']);
    expect((await person.rule(other)).channels).toEqual(channels);
    const before = world.mailsTo(person).length;
    await person.spend('60.00');
    expect(world.mailsTo(person)).toHaveLength(before);
    await person.spend('100.00', { category: 'fun' });
    expect(world.mailsTo(person)).toHaveLength(before + 1);
    expect((await preferences(person)).channels.email).toBe(true);
  });

  test('is undone with a button', async () => {
    const { person, ruleId, stop } = await alerted();
    await press(stop);
    expect(shown(await press(stop, 'undo'))).toEqual(shown(await open(stop)));
    expect((await person.rule(ruleId)).channels).toEqual(channels);
    expect(shown(await press(stop, 'undo'))[0]).toBe('Stop mails about this budget?');
  });

  test('undoes nothing that the person has set since', async () => {
    const { person, ruleId, stop } = await alerted();
    await press(stop);
    await person.change(ruleId, { channels: ['in-app', 'sms', 'email'] });
    await press(stop, 'undo');
    expect((await person.rule(ruleId)).channels).toEqual(['in-app', 'sms', 'email']);
  });

  test('may leave one message a day, and undo that', async () => {
    const { person, ruleId, stop } = await alerted({ maxNotificationsPerDay: 5 });
    expect(shown(await press(stop, 'fewer'))).toEqual([
      'You get at most one message a day about this budget',
      'Undo',
      'Stop mails about this budget',
      'Stop all mails',
    ]);
    expect(await person.rule(ruleId)).toMatchObject({ channels, maxNotificationsPerDay: 1 });
    await press(stop, 'undo');
    expect(await person.rule(ruleId)).toMatchObject({ maxNotificationsPerDay: 5 });
  });

  test('may end all mails, and undo that', async () => {
    const { person, ruleId, stop } = await alerted();
    await press(stop);
    expect(shown(await press(stop, 'all'))).toEqual(['You get no more mails', 'Undo']);
    expect((await preferences(person)).channels.email).toBe(false);
    expect(shown(await press(stop, 'undo'))[0]).toBe('You get no more mails about this budget');
    expect((await preferences(person)).channels.email).toBe(true);
    await press(stop, 'undo');
    expect((await person.rule(ruleId)).channels).toEqual(channels);
  });

  test('cannot be undone after 30 days, and works on', async () => {
    const { person, stop } = await alerted();
    const at = world.service.clock.now();
    await press(stop);
    world.service.clock.moveTo(at.add({ hours: 30 * 24 }));
    expect(shown(await open(stop))).toEqual(['You get no more mails about this budget', 'Stop all mails']);
    await press(stop, 'undo');
    expect(shown(await open(stop))[0]).toBe('You get no more mails about this budget');
    await press(stop, 'all');
    expect((await preferences(person)).channels.email).toBe(false);
  });

  test('ends the mails about every budget in a roll-up', async () => {
    const person = await world.person();
    const night = { quietHours: { enabled: true, start: '00:00', end: '23:59' } };
    const rules = await Promise.all(
      ['food', 'fun'].map((categoryId) => person.budget('10', { channels, categoryId, ...night })),
    );
    for (const category of ['food', 'fun']) await person.spend('10.00', { category });
    await world.comes('23:59');
    const { stop } = await linksTo(person);
    expect(shown(await press(stop))[0]).toBe('You get no more mails about these budgets');
    for (const ruleId of rules) expect((await person.rule(ruleId)).channels).toEqual(['in-app']);
    await press(stop, 'undo');
    for (const ruleId of rules) expect((await person.rule(ruleId)).channels).toEqual(channels);
  });
});

describe('the one-click link of a digest', () => {
  test('ends the daily summary, and undoes that', async () => {
    const { person, stop } = await digested();
    expect(shown(await open(stop))).toEqual([
      'Stop the daily summary?',
      'Stop the daily summary',
      'Weekly instead',
      'Stop all mails',
    ]);
    expect(shown(await press(stop))[0]).toBe('You get no more daily summaries');
    expect((await preferences(person)).digest).toMatchObject({ daily: false, weekly: false });
    await press(stop, 'undo');
    expect((await preferences(person)).digest).toMatchObject({ daily: true, weekly: false });
  });

  test('may leave the weekly one instead', async () => {
    const { person, stop } = await digested();
    expect(shown(await press(stop, 'fewer'))[0]).toBe('You get the weekly summary instead');
    expect((await preferences(person)).digest).toMatchObject({ daily: false, weekly: true });
    await press(stop, 'undo');
    expect((await preferences(person)).digest).toMatchObject({ daily: true, weekly: false });
  });
});

describe('the page of a notification', () => {
  test('shows the message, why it came and how it was sent, and changes nothing', async () => {
    const { person, page } = await alerted();
    const answer = await fetch(here(page), { headers: browser });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    });
    const html = await answer.text();
    expect(shown(html)).toEqual(['food: 100% of the monthly budget'.replace('food', 'All spending')]);
    expect(html).toMatch(/On [A-Z]\w+ \d+, 202\d at 10:00\sAM spending reached 100% of this budget\./);
    expect(html).toContain('An expense of $100.00 in food took it to 100%.');
    expect(html).toMatch(/<p>App: sent on .*<\/p>\s*<p>Email: sent on /);
    expect(html).not.toMatch(/<form|<script|https?:/);
    expect(html).not.toContain(person.userId);
    expect((await person.notifications()).map(({ status }) => status)).toEqual(['sent']);
  });

  test('says what delayed a message and what was told in it', async () => {
    const person = await world.person();
    const night = { quietHours: { enabled: true, start: '00:00', end: '23:59' } };
    for (const categoryId of ['food', 'fun']) await person.budget('10', { channels, categoryId, ...night });
    for (const category of ['food', 'fun']) await person.spend('10.00', { category });
    await world.comes('23:59');
    const html = await open((await linksTo(person)).page);
    expect(heading(html)).toBe('2 budgets need a look');
    expect(html.match(/budget\. It came on [^<]+, in your quiet hours\./g)).toHaveLength(2);
  });

  test('works for 30 days', async () => {
    const { page } = await alerted();
    const at = world.service.clock.now();
    world.service.clock.moveTo(at.add({ hours: 30 * 24 - 1 }));
    expect((await fetch(here(page), { headers: browser })).status).toBe(200);
    world.service.clock.moveTo(at.add({ hours: 30 * 24 }));
    expect((await fetch(here(page), { headers: browser })).status).toBe(404);
  });

  test('ends with its person', async () => {
    const { person, page } = await alerted();
    await world.service.delete(`/api/users/${person.userId}`, world.service.tenant.adminKey);
    expect(heading(await open(page))).toBe('This link does not work');
  });

  test('is nobody’s with another proof, tenant or notification', async () => {
    const [one, other] = [await alerted(), await alerted()];
    const [notification] = await one.person.notifications();
    const { tenantId } = world.service.tenant;
    const forged = notificationToken({
      tenantId,
      notificationId: notification?.id ?? '',
      key: 'k'.repeat(43),
    });
    const stranger = await world.service.anotherTenant();
    const [token = '', otherToken = ''] = [one.page, other.page].map((page) => page.split('/').at(-1) ?? '');
    const elsewhere = notificationToken({
      tenantId: stranger.tenantId,
      notificationId: notification?.id ?? '',
      key: 'k'.repeat(43),
    });
    for (const wrong of [forged, elsewhere, token.slice(0, 32) + otherToken.slice(32), 'x', token.slice(1)]) {
      const answer = await fetch(`${world.service.url}/n/${wrong}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    }
  });
});
