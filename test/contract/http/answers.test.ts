/** Makes every call of a person in the OpenAPI document, with data behind it, and checks the response schema. */
import { createECDH } from 'node:crypto';
import Schema from 'typebox/schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { Shopper, three } from '../../support/worlds/shopper.ts';

type Content = Record<string, { schema: Record<string, unknown> }>;
type Operation = {
  security?: Record<string, string[]>[];
  responses: Record<string, { content?: Content }>;
};
type Call = { method: string; path: string; operation: Operation };

let service: TestService;
let person: Shopper;
let calls: Call[];
let ids: Record<string, string>;

beforeAll(async () => {
  const vapid = createECDH('prime256v1');
  service = await startService({
    env: {
      VAPID_PUBLIC_KEY: vapid.generateKeys('base64url'),
      VAPID_PRIVATE_KEY: vapid.getPrivateKey('base64url'),
      VAPID_SUBJECT: 'mailto:operator@example.com',
    },
  });
  const others = await Promise.all(Array.from({ length: 20 }, () => Shopper.arrives(service)));
  await Promise.all(
    others.map((each, index) => each.posts({ on: '2026-10-05', amount: `${index + 1}0.00` })),
  );
  person = await Shopper.arrives(service);
  const rule = await service.post(
    '/api/smart-alerts/rules',
    { budgetAmount: '100', period: 'yearly' },
    person.token,
  );
  await person.buys(...three, { on: '2026-11-10', amount: '12.00', merchant: 'Alpha' });
  await runJobNow(service.services, 'benchmarks', service.clock.now());
  const [recommendation] = await person.recommendations();
  const notifications = await service.get('/api/smart-alerts/notifications', person.token);
  const subscription = await service.post('/api/smart-alerts/push-subscriptions', subscribed, person.token);
  ids = {
    ruleId: rule.body.data.id,
    recommendationId: recommendation.id,
    notificationId: notifications.body.data[0].id,
    categoryId: 'food',
    id: subscription.body.data.id,
  };
  const { paths } = (await service.get('/openapi.json')).body;
  calls = Object.entries<Record<string, Operation>>(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation }))
      .filter(({ operation }) => operation.security?.some((each) => 'userToken' in each)),
  );
});
afterAll(() => service.stop());

const subscribed = {
  endpoint: 'https://fcm.googleapis.com/fcm/send/answers',
  keys: {
    p256dh: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
    auth: 'tBHItJI5svbpez7KI4CCXg',
  },
};

/** The bodies of calls that need one. */
const bodies: Record<string, object> = {
  'POST /api/smart-alerts/rules': { budgetAmount: '5.00' },
  'PUT /api/smart-alerts/rules/{ruleId}': { name: 'Year' },
  'PUT /api/smart-alerts/preferences': { digest: { weekly: true } },
  'POST /api/smart-alerts/push-subscriptions': subscribed,
};

/**
 * These are tested elsewhere: the stream does not end, an accepted recommendation cannot be dismissed, and nothing is left
 * of a person who erases themselves.
 */
const elsewhere = [
  'DELETE /api/smart-alerts/me',
  'GET /api/smart-alerts/stream',
  'PUT /api/smart-alerts/recommendations/{recommendationId}/dismiss',
];

const address = (path: string): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = ids[name];
    if (!value) throw new Error(`nothing is known to stand for ${name} in ${path}`);
    return encodeURIComponent(value);
  });

async function make({ method, path }: Call) {
  const body = bodies[`${method} ${path}`];
  if (method === 'GET') return service.get(address(path), person.token);
  if (method === 'DELETE') return service.delete(address(path), person.token);
  return method === 'POST'
    ? service.post(address(path), body, person.token)
    : service.put(address(path), body, person.token);
}

describe('every call of a person', () => {
  test('returns data that match the OpenAPI document', async () => {
    const inOrder = calls
      .filter(({ method, path }) => !elsewhere.includes(`${method} ${path}`))
      .sort((one, other) => Number(one.method === 'DELETE') - Number(other.method === 'DELETE'));
    expect(inOrder.length).toBeGreaterThan(18);
    const wrong: string[] = [];
    for (const call of inOrder) {
      const { status, body } = await make(call);
      const name = `${call.method} ${call.path}`;
      const schema = call.operation.responses[status]?.content?.['application/json']?.schema;
      if (status >= 300) wrong.push(`${name}: ${status} ${JSON.stringify(body)}`);
      else if (status !== 204 && !schema) wrong.push(`${name}: ${status} is not described`);
      else if (schema) wrong.push(...faultsOf(name, schema, body));
    }
    expect(wrong).toEqual([]);
  });
});

function faultsOf(name: string, schema: Record<string, unknown>, body: { data?: unknown }): string[] {
  if (Array.isArray(body.data) && body.data.length === 0) return [`${name}: nothing in it`];
  const [isRight, errors] = Schema.Errors(schema, body);
  return isRight ? [] : errors.map(({ instancePath, message }) => `${name} ${instancePath}: ${message}`);
}

test('the check of responses finds a wrong field', async () => {
  const call = calls.find(({ path }) => path.endsWith('/comparison/{categoryId}'));
  const schema = call?.operation.responses['200']?.content?.['application/json']?.schema ?? {};
  const { body } = await service.get('/api/smart-alerts/comparison/food', person.token);
  expect(faultsOf('', schema, body)).toEqual([]);
  expect(body.data).toMatchObject({
    period: '2026-10',
    percentileRank: expect.any(Number),
    benchmark: { cohortSize: 21 },
  });
  expect(faultsOf('', schema, { data: { ...body.data, isOutlier: 'no' } })).not.toEqual([]);
});
