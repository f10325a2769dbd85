/**
 * Makes every call of the OpenAPI document with credentials of strangers: another tenant's services and people,
 * another person of the same tenant, and none. The ids are the owner's; no call may show or change their data.
 */
import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Person } from '../../support/worlds/person.ts';
import { profilesRebuilt, rising } from '../../support/worlds/shopper.ts';
import {
  type Answer,
  startService,
  type TestService,
  type TestTenant,
} from '../../support/servers/service.ts';
import { OpenStream } from '../../support/servers/stream-client.ts';

type Operation = { security?: Record<string, string[]>[]; requestBody?: unknown };
type Call = { method: string; path: string; credential: 'apiKey' | 'userToken' | 'other' | 'none' };

/** Part of every text that the owner has named. Only ids are known to the strangers. */
const mark = 'only-theirs';
/** Part of every text that all people of the tenant may see. */
const tenantMark = 'only-the-tenants';
const expenseId = 'expense-1';
const categoryId = 'category-1';

type Found = {
  source: string;
  event: string;
  notification: string;
  webhook: string;
  recommendation: string;
  recurring: string;
  anomaly: string;
};

let service: TestService;
let stranger: TestTenant;
let calls: Call[];
let values: Record<string, string>;
let owner: Person;
let subscriptionId: string;

beforeAll(async () => {
  service = await startService({ env: { CALLBACK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' } });
  stranger = await service.anotherTenant();
  owner = await Person.arrives(service);
  await recommendToOwner();
  const ruleId = await owner.budget('100.00', { name: `rule-${mark}`, categoryId });
  await owner.spend('120.00', { category: categoryId, expenseId });
  await service.put(`/api/users/${owner.userId}`, { name: `name-${mark}` }, service.tenant.adminKey);
  await service.put(`/api/categories/${categoryId}`, { name: `name-${tenantMark}` }, service.tenant.adminKey);
  subscriptionId = await subscribeOwner();
  // Wait until background work is done, so that later changes come from the calls alone.
  await profilesRebuilt(service.sql);
  const { rows } = await statement<Found>`
    select e.source, e.id as event, n.id as notification, w.id as webhook, r.id as recommendation,
      c.id as recurring, a.id as anomaly
    from events e, notification_history n, webhook_sources w, smart_recommendations r, recurring_charges c, anomalies a
    where e.expense_id = ${expenseId} and n.user_id = ${owner.userId} and r.user_id = ${owner.userId}
      and c.user_id = ${owner.userId} and a.user_id = ${owner.userId}
      and w.tenant_id = ${service.tenant.tenantId}`.execute(service.sql);
  const [found] = rows;
  if (!found) throw new Error('the owner has no notification or recommendation');
  values = {
    source: found.source,
    id: found.event,
    userId: owner.userId,
    categoryId,
    ruleId,
    notificationId: found.notification,
    recommendationId: found.recommendation,
    recurringId: found.recurring,
    anomalyId: found.anomaly,
    sourceId: found.webhook,
    jobId: await beginRepricing(),
    channel: 'email',
    // A real token is itself the credential, so this one is invalid.
    token: 'x',
  };
  calls = callsOf((await service.get('/openapi.json')).body.paths);
});
afterAll(() => service.stop());

/** Gives the owner a recommendation, a category that rises, a monthly charge, and a double one. */
async function recommendToOwner(): Promise<void> {
  const time = service.clock.now().toString();
  const bought = (id: string, facts: object) => ({
    id: `bought-${id}`,
    type: 'expense.created',
    time,
    data: { expenseId: `bought-${id}`, userId: owner.userId, amount: '500.00', currency: 'USD', ...facts },
  });
  const at = (merchant: string, day: string) => ({ merchant, spentAt: `${day}T12:00:00Z` });
  const events = [
    ...rising().map(({ on, amount, merchant }, place) =>
      bought(`rise-${place}`, { categoryId: 'category-2', amount, ...at(`${merchant}-${mark}`, on) }),
    ),
    ...['2026-11-08', '2026-11-09'].map((day) =>
      bought(day, { categoryId: 'category-3', ...at(`garage-${mark}`, day) }),
    ),
    ...['2026-08-20', '2026-09-20', '2026-10-20'].map((day) =>
      bought(day, { categoryId: 'category-3', ...at(`gym-${mark}`, day) }),
    ),
  ];
  await service.post('/api/events', events);
  await service.settled();
  await profilesRebuilt(service.sql);
  // After this, the next profile rebuild does not wait.
  service.clock.advance({ seconds: 5 });
}

/** As a change of rates leaves it that covers many expenses. */
async function beginRepricing(): Promise<string> {
  const id = randomUUID();
  const repricing = {
    tenant_id: service.tenant.tenantId,
    id,
    expense_count: 5000,
    created_at: '2026-11-10T12:00:00Z',
  };
  await service.sql.insertInto('repricings').values(repricing).execute();
  return id;
}

async function subscribeOwner(): Promise<string> {
  const token = await service.token(owner.userId);
  const { body } = await service.post('/api/smart-alerts/push-subscriptions', subscription(mark), token);
  return body.data.id;
}

const callsOf = (paths: Record<string, Record<string, Operation>>): Call[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security = [] }]) => {
      const [kind = 'none'] = security.flatMap(Object.keys);
      const isWalked = kind === 'apiKey' || kind === 'userToken' || kind === 'none';
      return { method: method.toUpperCase(), path, credential: isWalked ? kind : 'other' };
    }),
  );

/** Fills the path with the owner's ids; throws for a parameter without a value. */
const addressOf = (path: string): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = path.includes('/push-subscriptions/') ? subscriptionId : values[name];
    if (value === undefined) throw new Error(`${path}: there is no value for ${name}`);
    return encodeURIComponent(value);
  });

/** The bodies with which a permitted call would change something. Calls not listed send an empty object. */
const bodies: Record<string, () => unknown> = {
  'POST /api/events': () => stolenEvent(),
  'POST /api/webhooks/{sourceId}': () => stolenEvent(),
  'POST /api/tokens': () => ({ userId: owner.userId }),
  'POST /api/smart-alerts/rules': () => ({ budgetAmount: '1.00', categoryId }),
  'PUT /api/smart-alerts/rules/{ruleId}': () => ({ budgetAmount: '1.00' }),
  'PUT /api/smart-alerts/anomalies/{anomalyId}': () => ({ verdict: 'wrong' }),
  'PUT /api/smart-alerts/recurring/{recurringId}': () => ({ status: 'ignored' }),
  'PUT /api/smart-alerts/preferences': () => ({ timezone: 'Asia/Tokyo', channels: { email: false } }),
  'POST /api/smart-alerts/push-subscriptions': () => subscription('theirs-too'),
  'PUT /api/users/{userId}': () => ({ timezone: 'Asia/Tokyo' }),
  'PUT /api/categories/{categoryId}': () => ({ name: 'stolen' }),
};

/** The public key is the one of RFC 8291, appendix A. */
const subscription = (name: string) => ({
  endpoint: `https://fcm.googleapis.com/fcm/send/${name}`,
  keys: {
    p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  },
});

const stolenEvent = () => ({
  id: 'stolen',
  type: 'expense.deleted',
  time: service.clock.now().toString(),
  data: { expenseId },
});

async function make({ method, path }: Call, credential: string): Promise<Answer> {
  const address = addressOf(path);
  const body = bodies[`${method} ${path}`]?.() ?? {};
  if (path.endsWith('/stream')) return follow(credential);
  if (method === 'GET') return service.get(address, credential);
  if (method === 'DELETE') return service.delete(address, credential);
  return method === 'PUT' ? service.put(address, body, credential) : service.post(address, body, credential);
}

/** Reads the start of a stream, which does not end. Another test checks its later events. */
async function follow(credential: string): Promise<Answer> {
  const stream = await OpenStream.open(service.url, credential, { 'last-event-id': '0' });
  if (stream.status === 200) await vi.waitFor(() => expect(stream.text).toContain('id: '));
  else await stream.ended;
  await stream.leave();
  return { status: stream.status, body: stream.text, headers: stream.headers };
}

/** Reads every row of the first tenant, or every row of one person in it. */
async function rowsOf(userId?: string): Promise<string[]> {
  const { rows: tables } = await statement<{ name: string }>`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = ${userId ? 'user_id' : 'tenant_id'}
      and table_name in (select table_name from information_schema.columns where column_name = 'tenant_id')
    order by 1`.execute(service.sql);
  const found = await Promise.all(
    tables.map(({ name }) =>
      statement<{ row: string }>`
        select ${name} || t::text as row from ${statement.table(name)} t
        where tenant_id = ${service.tenant.tenantId}::uuid
          and ${userId ? statement`user_id = ${userId}` : statement`true`}
        order by 1`.execute(service.sql),
    ),
  );
  return found.flatMap(({ rows }) => rows.map(({ row }) => row));
}

const callsWith = (kind: Call['credential']): Call[] => calls.filter(({ credential }) => credential === kind);

const expectNothingShown = (call: Call, { status, body }: Answer, marks = [mark, tenantMark]): void => {
  const text = JSON.stringify(body);
  expect([call, status, marks.filter((each) => text.includes(each))]).toEqual([call, status, []]);
};

/** Returns the status if a path with the owner's ids is not 404, or null. */
const wrongStatus = ({ path }: Call, { status }: Answer): number | null =>
  path.includes('{') && status !== 404 ? status : null;

describe('the list of calls to make', () => {
  test('covers the OpenAPI document, with the owner’s ids', () => {
    expect(calls.length).toBeGreaterThan(17);
    expect(callsWith('apiKey').length).toBeGreaterThan(5);
    expect(callsWith('userToken').length).toBeGreaterThan(7);
    expect(calls.map(({ path }) => addressOf(path)).join()).toContain(owner.userId);
  });
});

describe('the owner', () => {
  test('sees their own data', async () => {
    const token = await service.token(owner.userId);
    const own = callsWith('userToken').filter(({ method }) => method === 'GET');
    const answers = await Promise.all(own.map((call) => make(call, token)));
    expect(answers.filter(({ body }) => JSON.stringify(body).includes(mark)).length).toBeGreaterThan(2);
  });
});

describe('another tenant', () => {
  test.each(['ingest', 'admin'])('with its key of scope %s sees and changes nothing', async (scope) => {
    const before = await rowsOf();
    expect(before.length).toBeGreaterThan(10);
    for (const call of callsWith('apiKey'))
      expectNothingShown(call, await make(call, scope === 'admin' ? stranger.adminKey : stranger.apiKey));
    await service.settled();
    expect(await rowsOf()).toEqual(before);
  });

  test('with a person of the same id sees and changes nothing', async () => {
    const before = await rowsOf();
    const token = await service.token(owner.userId, { tenantId: stranger.tenantId });
    for (const call of callsWith('userToken')) {
      const answer = await make(call, token);
      expectNothingShown(call, answer);
      expect([call, wrongStatus(call, answer)]).toEqual([call, null]);
    }
    await service.settled();
    expect(await rowsOf()).toEqual(before);
  });
});

describe('another person of the tenant', () => {
  test.each(['member', 'admin'] as const)('as %s sees and changes nothing of the owner’s', async (role) => {
    const before = await rowsOf(owner.userId);
    expect(before.length).toBeGreaterThan(3);
    const token = await service.token('someone-else', { role });
    for (const call of callsWith('userToken')) {
      const answer = await make(call, token);
      expectNothingShown(call, answer, [mark]);
      expect([call, wrongStatus(call, answer)]).toEqual([call, null]);
    }
    await service.settled();
    expect(await rowsOf(owner.userId)).toEqual(before);
  });
});

describe('a caller without a credential, or with one of the wrong kind', () => {
  test('gets 401 and no data', async () => {
    const before = await rowsOf();
    const token = await service.token(owner.userId);
    const wrong = { apiKey: ['', token], userToken: ['', service.tenant.apiKey], other: [''], none: [''] };
    for (const call of calls.filter(({ path }) => path.startsWith('/api/')))
      for (const credential of wrong[call.credential]) {
        const answer = await make(call, credential);
        expectNothingShown(call, answer);
        // Without an SMS provider nobody passes on texts.
        const isMissing = call.credential === 'none' || call.path === '/api/providers/sms/inbound';
        expect([call, answer.status]).toEqual([call, isMissing ? 404 : 401]);
      }
    expect(await rowsOf()).toEqual(before);
  });
});
