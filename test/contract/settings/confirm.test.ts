/** The pages of links that confirm an address. Nothing is sent here: the tests make the links from their keys. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { listAudit } from '../../../src/accounts/audit-record.ts';
import { confirmationToken } from '../../../src/accounts/confirmation-token.ts';
import { startService, type TestService, type TestTenant } from '../../support/servers/service.ts';
import { hasButton, heading } from '../../support/worlds/pages.ts';

let service: TestService;
let tenant: TestTenant;
beforeAll(async () => {
  service = await startService({ env: { PUBLIC_URL: 'https://spendwatch.example' } });
  tenant = await service.anotherTenant({ confirmAddresses: true });
});
afterAll(() => service.stop());

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

async function waiting(userId: string, addresses: { email: string } | { phone: string }) {
  await service.put(`/api/users/${userId}`, addresses, tenant.adminKey);
  const { key, id } = await service.sql
    .selectFrom('address_confirmations')
    .select(['key', 'id'])
    .where('user_id', '=', userId)
    .where('address', 'is not', null)
    .executeTakeFirstOrThrow();
  // The driver reads `bytea` as a buffer.
  const bytes = key as unknown as Buffer;
  const urlOf = (grant: { tenantId?: string; key?: Uint8Array } = {}): string =>
    `${service.url}/confirm/${confirmationToken({ tenantId: tenant.tenantId, key: bytes, ...grant })}`;
  const used = async () => (await service.get(`/api/users/${userId}`, tenant.adminKey)).body;
  return { id, urlOf, used };
}

describe('a confirmation link', () => {
  test.each([
    ['email', { email: 'p1@example.com' }, 'Confirm your email address?', 'Your email address is confirmed'],
    ['phone', { phone: '+4915112345678' }, 'Confirm your phone number?', 'Your phone number is confirmed'],
  ])('for %s asks on GET and confirms on POST, once', async (field, addresses, question, answer) => {
    const { urlOf, used } = await waiting(`p1-${field}`, addresses);
    for (const method of ['HEAD', 'OPTIONS', 'PUT', 'DELETE']) await fetch(urlOf(), { method });
    const shown = await fetch(urlOf(), { headers: browser });
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const page = await shown.text();
    expect([heading(page), hasButton(page)]).toEqual([question, true]);
    expect((await used())[field]).toBeNull();

    const form = new URLSearchParams();
    const posts = await Promise.all(
      [1, 2, 3].map(() => fetch(urlOf(), { method: 'POST', headers: browser, body: form })),
    );
    expect(posts.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    expect(posts.map(({ status }) => status).filter((status) => status === 404)).toHaveLength(2);
    const pages = await Promise.all(posts.map((each) => each.text()));
    expect(new Set(pages.map(heading))).toEqual(new Set([answer, 'This link does not work']));
    expect(await used()).toMatchObject({ ...addresses, unconfirmed: { email: null, phone: null } });
    expect((await fetch(urlOf())).status).toBe(404);
  });

  test('that is used while the address is removed leaves none', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { urlOf, used } = await waiting(`p8-${round}`, { email: `p8-${round}@example.com` });
      const remove = () => service.put(`/api/users/p8-${round}`, { email: null }, tenant.adminKey);
      const [confirmed, removed] = await Promise.all([fetch(urlOf(), { method: 'POST' }), remove()]);
      expect([200, 404]).toContain(confirmed.status);
      expect(removed.status).toBe(200);
      expect(await used()).toMatchObject({ email: null, unconfirmed: { email: null } });
    }
  });

  test('clears the mark of a bounce and is on record without the address', async () => {
    const { urlOf } = await waiting('p2', { email: 'p2@example.com' });
    const ofPerson = service.sql.updateTable('users').where('id', '=', 'p2');
    await ofPerson.set({ bounced_email: 'p2@example.com' }).execute();
    await fetch(urlOf(), { method: 'POST' });
    const user = await service.sql
      .selectFrom('users')
      .select(['email', 'bounced_email'])
      .where('id', '=', 'p2')
      .executeTakeFirst();
    expect(user).toEqual({ email: 'p2@example.com', bounced_email: null });
    const records = await listAudit(service.sql, { tenantId: tenant.tenantId, since: null, limit: 50 });
    const record = records.find(({ userId, action }) => userId === 'p2' && action === 'address.confirmed');
    expect(record).toMatchObject({ actor: 'the person', details: { channel: 'email' } });
    expect(JSON.stringify(records)).not.toContain('@example.com');
  });

  test('that is seven days old does nothing, and the address goes on waiting', async () => {
    const { id, urlOf, used } = await waiting('p3', { email: 'p3@example.com' });
    const row = service.sql.selectFrom('address_confirmations').select('expires_at').where('id', '=', id);
    const expiresAt = Temporal.Instant.from((await row.executeTakeFirstOrThrow()).expires_at);
    const days = Temporal.Now.instant().until(expiresAt).total('hours') / 24;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThanOrEqual(7);
    const past = Temporal.Now.instant().subtract({ seconds: 1 }).toString();
    const ofLink = service.sql.updateTable('address_confirmations').where('id', '=', id);
    await ofLink.set({ expires_at: past }).execute();
    for (const method of ['GET', 'POST']) expect((await fetch(urlOf(), { method })).status).toBe(404);
    expect(await used()).toMatchObject({ email: null, unconfirmed: { email: 'p3@example.com' } });
  });

  test('with the key of another tenant, another key or cut short is 404 and changes nothing', async () => {
    const { urlOf, used } = await waiting('p4', { email: 'p4@example.com' });
    const other = await service.anotherTenant({ confirmAddresses: true });
    const wrong = [
      urlOf({ tenantId: other.tenantId }),
      urlOf({ tenantId: service.tenant.tenantId }),
      urlOf({ key: randomBytes(16) }),
      urlOf({ key: randomBytes(15) }),
      urlOf().slice(0, -1),
      `${urlOf()}A`,
      `${service.url}/confirm/x`,
      `${service.url}/confirm/${'%00'.repeat(43)}`,
    ];
    for (const url of wrong)
      for (const method of ['GET', 'POST']) {
        const answer = await fetch(url, { method });
        expect([url, answer.status]).toEqual([url, 404]);
        expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      }
    const page = await (await fetch(urlOf({ key: randomBytes(16) }), { headers: browser })).text();
    expect([heading(page), hasButton(page)]).toEqual(['This link does not work', false]);
    expect(await used()).toMatchObject({ email: null, unconfirmed: { email: 'p4@example.com' } });
  });
});

describe('the page of a confirmation link', () => {
  test('names nobody, loads nothing, is not kept and sends no referrer', async () => {
    const { urlOf } = await waiting('p5', { email: 'p5@example.com' });
    const { headers, body } = await service.get(urlOf().replace(service.url, ''));
    for (const secret of ['p5', tenant.tenantId, urlOf().split('/').at(-1)])
      expect(body).not.toContain(secret);
    expect(body).not.toMatch(/https?:|src=|href=|<script/);
    const style = /<style>(.*?)<\/style>/s.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'`;
    expect(headers.get('content-security-policy')).toMatch(policy);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('takes no large body', async () => {
    const { urlOf, used } = await waiting('p6', { email: 'p6@example.com' });
    const answer = await fetch(urlOf(), { method: 'POST', body: 'x'.repeat(5000) });
    expect(answer.status).toBe(413);
    expect((await used()).email).toBeNull();
  });
});

test('retention deletes used and withdrawn confirmations after a day, and keeps what waits', async () => {
  const { urlOf } = await waiting('p7', { phone: '+4915112345601' });
  await fetch(urlOf(), { method: 'POST' });
  await waiting('p7', { email: 'p7@example.com' });
  const rows = () =>
    service.sql
      .selectFrom('address_confirmations')
      .select(['channel', 'address'])
      .where('user_id', '=', 'p7')
      .orderBy('channel')
      .execute();
  const kept = { channel: 'email', address: 'p7@example.com' };
  await runJobNow(service.services, 'retention', service.clock.now());
  expect(await rows()).toEqual([kept, { channel: 'sms', address: null }]);
  service.clock.advance({ hours: 25 });
  await runJobNow(service.services, 'retention', service.clock.now());
  expect(await rows()).toEqual([kept]);
});

test('without an address for links, an address that must be confirmed is refused', async () => {
  const lost = await startService();
  try {
    const { adminKey } = await lost.anotherTenant({ confirmAddresses: true });
    const put = (body: unknown) => lost.put('/api/users/p1', body, adminKey);
    const refused = await put({ name: 'Person 1', email: 'p1@example.com' });
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('PUBLIC_URL') } });
    expect((await lost.get('/api/users/p1', adminKey)).status).toBe(404);
    expect((await put({ name: 'Person 1', email: null })).status).toBe(200);
  } finally {
    await lost.stop();
  }
});
