import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type UnsubscribeGrant, unsubscribeToken } from '../../../src/notify/decide/unsubscribe.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { buttons, hasButton, heading } from '../../support/worlds/pages.ts';
import type { InterruptingChannel } from '../../../src/values/channels.ts';

const allOn = { email: true, sms: true, push: true };
let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

async function newPerson() {
  const person = { tenantId: service.tenant.tenantId, userId: `somebody ${randomUUID()}` };
  const token = await service.token(person.userId);
  // The first request registers the person and gives them a key.
  await service.get('/api/smart-alerts/preferences', token);
  const key = await readKey(person.userId);
  return {
    person,
    key,
    token,
    link: (channel: InterruptingChannel, other: Partial<UnsubscribeGrant> = {}) =>
      `${service.url}/api/smart-alerts/unsubscribe/${unsubscribeToken({ ...person, channel, key, scope: { subject: 'channel' }, ...other })}`,
    channels: async () => (await service.get('/api/smart-alerts/preferences', token)).body.data.channels,
    switchOn: (channel: InterruptingChannel) =>
      service.put('/api/smart-alerts/preferences', { channels: { [channel]: true } }, token),
  };
}

/** Reads the key in the links that are sent to the person. */
async function readKey(userId: string): Promise<string> {
  const [found] = await service.sql
    .selectFrom('users')
    .select('unsubscribe_key')
    .where('id', '=', userId)
    .execute();
  expect(found?.unsubscribe_key).toMatch(/^[\w-]{43}$/);
  return String(found?.unsubscribe_key);
}

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const form = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
const multipart = new FormData();
multipart.set('List-Unsubscribe', 'One-Click');

describe('an unsubscribe link', () => {
  test.each<[InterruptingChannel, string, string]>([
    ['email', 'Stop all mails?', 'You get no more mails'],
    ['sms', 'Stop all text messages?', 'You get no more text messages'],
    ['push', 'Stop all push notifications?', 'You get no more push notifications'],
  ])(
    'of an earlier version for %s asks on GET and unsubscribes on POST',
    async (channel, question, confirmation) => {
      const { link, channels } = await newPerson();
      const shown = await fetch(link(channel), { headers: browser });
      expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      const page = await shown.text();
      expect([heading(page), hasButton(page)]).toEqual([question, true]);
      expect(await channels()).toEqual(allOn);

      const posted = await fetch(link(channel), { method: 'POST', headers: browser, body: form });
      expect(posted.status).toBe(200);
      const after = await posted.text();
      expect([heading(after), buttons(after)]).toEqual([confirmation, ['Undo']]);
      expect(await channels()).toEqual({ ...allOn, [channel]: false });

      const again = await (await fetch(link(channel), { headers: browser })).text();
      expect(again).toBe(after);
    },
  );

  test.each<[string, RequestInit]>([
    ['a form', { body: form }],
    ['a multipart form', { body: multipart }],
    ['an empty body', {}],
    ['JSON', { body: '{}', headers: { 'content-type': 'application/json' } }],
    ['bytes', { body: new Uint8Array([1, 2]) }],
  ])('unsubscribes on a POST of %s, also a second time', async (_name, init) => {
    const { link, channels } = await newPerson();
    for (const time of ['first', 'second']) {
      const { status } = await fetch(link('email'), { method: 'POST', ...init });
      expect([time, status]).toEqual([time, 200]);
      expect(await channels()).toEqual({ ...allOn, email: false });
    }
  });

  test('changes nothing on a request other than POST', async () => {
    const { link, channels } = await newPerson();
    const head = await fetch(link('email'), { method: 'HEAD' });
    expect(head.status).toBe(200);
    for (const method of ['GET', 'OPTIONS', 'PUT', 'DELETE']) await fetch(link('email'), { method });
    expect(await channels()).toEqual(allOn);
  });

  test('works again after the channel was switched on again', async () => {
    const { link, channels, switchOn } = await newPerson();
    await fetch(link('sms'), { method: 'POST' });
    await switchOn('sms');
    expect(await channels()).toEqual(allOn);
    await fetch(link('sms'), { method: 'POST' });
    expect(await channels()).toEqual({ ...allOn, sms: false });
  });

  test('unsubscribes from several channels at once', async () => {
    const { link, channels } = await newPerson();
    await Promise.all(
      (['email', 'sms', 'push'] as const).map((each) => fetch(link(each), { method: 'POST' })),
    );
    expect(await channels()).toEqual({ email: false, sms: false, push: false });
  });

  test('refuses a body larger than a mail program sends', async () => {
    const { link, channels } = await newPerson();
    const answer = await fetch(link('email'), { method: 'POST', body: 'x'.repeat(5000) });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ detail: 'The body is larger than 4 KiB.' });
    expect(await channels()).toEqual(allOn);
  });
});

describe('the page of an unsubscribe link', () => {
  test('names nobody, loads nothing and sends no referrer', async () => {
    const { link, person, key } = await newPerson();
    const { headers, ...answer } = await service.get(link('email').replace(service.url, ''));
    for (const secret of [person.userId, person.tenantId, key]) expect(answer.body).not.toContain(secret);
    expect(answer.body).not.toMatch(/https?:|src=|href=|<script/);
    const style = /<style>(.*?)<\/style>/s.exec(answer.body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = headers.get('content-security-policy');
    expect(policy).toMatch(`default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'`);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('an invalid unsubscribe link', () => {
  const wrongLinks = async (): Promise<string[]> => {
    const [{ link }, other] = await Promise.all([newPerson(), newPerson()]);
    const right = link('email');
    const stranger = await service.anotherTenant();
    return [
      link('email', { key: 'k'.repeat(43) }),
      link('email', { key: '-'.repeat(43) }),
      link('email', { key: other.key }),
      link('email', { userId: 'nobody', key: '-'.repeat(43) }),
      link('email', { tenantId: randomUUID() }),
      link('email', { tenantId: stranger.tenantId }),
      right.slice(0, -1),
      right.replace(/\.[^.]+$/, ''),
      `${service.url}/api/smart-alerts/unsubscribe/x`,
    ];
  };

  test('is 404 and changes nothing', async () => {
    const before = await service.sql
      .selectFrom('users')
      .select('channels')
      .where('channels', 'is not', null)
      .execute();
    for (const link of await wrongLinks())
      for (const method of ['GET', 'POST']) {
        const answer = await fetch(link, { method });
        expect([link, answer.status]).toEqual([link, 404]);
        expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      }
    const after = await service.sql
      .selectFrom('users')
      .select('channels')
      .where('channels', 'is not', null)
      .execute();
    expect(after).toHaveLength(before.length);
  });

  test('is an error page in a browser', async () => {
    const [link = ''] = await wrongLinks();
    const answer = await fetch(link, { headers: browser });
    expect(answer.status).toBe(404);
    const page = await answer.text();
    expect([heading(page), hasButton(page)]).toEqual(['This link does not work', false]);
  });
});
