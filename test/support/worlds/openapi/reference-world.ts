/** A service with something behind every call of the OpenAPI document, so that each can be made as its example shows. */
import { runJobNow } from '../../../../jobs/index.ts';
import { confirmationToken } from '../../../../src/accounts/confirmation-token.ts';
import { notificationToken } from '../../../../src/notify/decide/notification-token.ts';
import { unsubscribeToken } from '../../../../src/notify/decide/unsubscribe.ts';
import { vapid } from '../../servers/push-server.ts';
import type { Answer } from '../../servers/service.ts';
import { OpenStream } from '../../servers/stream-client.ts';
import { makeSource, postWebhook } from '../../servers/webhook.ts';
import { vi } from 'vitest';
import { ProviderWorld } from '../provider-world.ts';
import { profilesRebuilt, rising, Shopper } from '../shopper.ts';

/** A call as the document describes it, with the parameters and the body of its example. */
export type Call = {
  operationId: string;
  method: string;
  path: string;
  security: readonly string[];
  parameters: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  body: unknown;
};

/** The person of the examples. */
const userId = 'u1';
/** More than are priced anew before the answer. */
const many = 1_001;

const settings = {
  VAPID_PUBLIC_KEY: vapid.publicKey,
  VAPID_PRIVATE_KEY: vapid.privateKey,
  VAPID_SUBJECT: 'mailto:operator@example.com',
};

const api = '/api/smart-alerts';

export class ReferenceWorld {
  readonly #world: ProviderWorld;
  readonly #source: Awaited<ReturnType<typeof makeSource>>;
  /** The ids and tokens that this world made, in place of those in the examples; some for one call alone. */
  readonly #made: ReadonlyMap<string, string>;

  private constructor(
    world: ProviderWorld,
    source: Awaited<ReturnType<typeof makeSource>>,
    made: ReadonlyMap<string, string>,
  ) {
    this.#world = world;
    this.#source = source;
    this.#made = made;
  }

  static async begin(): Promise<ReferenceWorld> {
    const world = await ProviderWorld.begin({ env: settings });
    const source = await makeSource(world.service, world.service.tenant.tenantId);
    const made = new Map([
      ['sourceId', source.sourceId],
      ['jobId', await reprice(world)],
      ...(await live(world)),
      ...(await links(world)),
    ]);
    return new ReferenceWorld(world, source, made);
  }

  end(): Promise<void> {
    return this.#world.end();
  }

  get service() {
    return this.#world.service;
  }

  /** Makes the call, and waits for what it sets off. */
  async make(call: Call): Promise<Answer> {
    const answer = await this.#call(call);
    await this.service.settled();
    return answer;
  }

  async #call(call: Call): Promise<Answer> {
    const { operationId, method, body, query } = call;
    if (operationId === 'postWebhookEvents') return postWebhook(this.service.url, this.#source, body);
    if (operationId === 'reportDelivery') return this.#world.json(call.parameters['channel'] ?? '', body);
    if (operationId === 'receiveText') return this.#world.form('/api/providers/sms/inbound', Object(body));
    if (operationId === 'streamNotifications') return this.#firstOfStream();
    const search = this.#search(query);
    const address = `${this.#address(call)}${search === '' ? '' : `?${search}`}`;
    const credential = await this.#credential(call);
    if (method === 'GET') return this.service.get(address, credential);
    if (method === 'DELETE') return this.service.delete(address, credential);
    return method === 'POST'
      ? this.service.post(address, body, credential ?? 'none')
      : this.service.put(address, body, credential);
  }

  #address({ operationId, path, parameters }: Call): string {
    return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = this.#made.get(`${operationId} ${name}`) ?? this.#made.get(name) ?? parameters[name];
      if (value === undefined) throw new Error(`nothing is known to stand for ${name} of ${operationId}`);
      return encodeURIComponent(value);
    });
  }

  #search(query: Call['query']): string {
    const pairs = Object.entries(query).map(([name, value]) => [name, this.#made.get(name) ?? value]);
    return new URLSearchParams(pairs).toString();
  }

  async #credential({ security }: Call): Promise<string | undefined> {
    if (security.includes('userToken')) return this.service.token(userId);
    return security.includes('apiKey') ? this.service.tenant.adminKey : undefined;
  }

  async #firstOfStream(): Promise<Answer> {
    const stream = await OpenStream.open(this.service.url, await this.service.token(userId));
    try {
      const [event] = await vi.waitFor(() => {
        if (stream.events.length === 0) throw new Error('nothing came yet');
        return stream.events;
      });
      const { id, ...others } = event ?? { id: '' };
      return {
        status: stream.status,
        body: id === '' ? others : { id, ...others },
        headers: stream.headers,
      };
    } finally {
      await stream.leave();
    }
  }
}

/** Posts many expenses in euros and a rate for them. Returns the id of the job that prices them anew. */
async function reprice({ service }: ProviderWorld): Promise<string> {
  const time = service.clock.now().toString();
  const spentAt = '2026-01-05T12:00:00Z';
  const draft = { categoryId: 'travel', budgetAmount: '5000.00', period: 'yearly' };
  await service.post(`${api}/rules`, draft, await service.token('u3'));
  const facts = { userId: 'u3', categoryId: 'travel', amount: '1.00', currency: 'EUR', spentAt };
  const events = Array.from({ length: many }, (_, index) => ({
    id: `travel-${index}`,
    type: 'expense.created',
    time,
    data: { ...facts, expenseId: `travel-${index}` },
  }));
  await service.post('/api/events', events.slice(0, 1_000));
  await service.post('/api/events', events.slice(1_000));
  await service.settled();
  const rates = { date: '2026-01-05', base: 'USD', rates: { EUR: '0.91' } };
  const { body } = await service.put('/api/fx-rates', rates, service.tenant.adminKey);
  return String(body.jobId);
}

const groceries = [
  { on: '2026-10-05', amount: '300.00', merchant: 'WHOLEFDS #1023' },
  { on: '2026-10-12', amount: '180.00', merchant: 'CORNER MARKET' },
  { on: '2026-10-19', amount: '120.00', merchant: 'TRADER JOES #552' },
  { on: '2026-11-03', amount: '370.20', merchant: 'WHOLEFDS #1023' },
].map((purchase) => ({ ...purchase, category: 'groceries' }));

const subscription = ['2026-08-28', '2026-09-28', '2026-10-28'].map((on) => ({
  on,
  amount: '11.99',
  merchant: 'Streamflix',
  category: 'entertainment',
}));

/** Enough months for a forecast. */
const fares = ['04', '05', '06', '07', '08', '09', '10'].map((month) => ({
  on: `2026-${month}-20`,
  amount: '30.00',
  category: 'bus',
}));

/** A charge that came twice. */
const repeated = ['2026-11-08', '2026-11-09'].map((on) => ({
  on,
  amount: '64.00',
  merchant: 'Garage',
  category: 'car',
}));

/** The months of the person and of twenty others. Returns the ids of what came of them. */
async function live(world: ProviderWorld): Promise<[string, string][]> {
  const { service } = world;
  const { adminKey } = service.tenant;
  const others = await Promise.all(Array.from({ length: 20 }, () => Shopper.arrives(service)));
  await Promise.all(
    others.map((each, index) =>
      each.posts({ on: '2026-10-05', amount: `${index + 10}0.00`, category: 'groceries' }),
    ),
  );
  await service.put('/api/categories/groceries', { name: 'Groceries' }, adminKey);
  await service.put('/api/users/u1', { name: 'Ada Example', email: 'ada@example.com' }, adminKey);
  const token = await service.token(userId);
  const draft = { name: 'Groceries', categoryId: 'groceries', budgetAmount: '400.00' };
  const rule = await service.post(`${api}/rules`, draft, token);
  const bus = await service.post(`${api}/rules`, { categoryId: 'bus', budgetAmount: '40.00' }, token);
  const ada = await Shopper.of(service, userId);
  await ada.posts(
    ...groceries,
    ...rising({ category: 'dining' }),
    ...rising({ category: 'fuel' }),
    ...subscription,
    ...fares,
  );
  await ada.posts({ on: '2026-11-10', amount: '42.10', merchant: 'WHOLEFDS #1023', category: 'groceries' });
  await ada.posts(...repeated);
  await profilesRebuilt(service.sql);
  await runJobNow(service.services, 'benchmarks', service.clock.now());
  const recommendations = await ada.recommendations();
  const notifications = await service.get(`${api}/notifications`, token);
  const recurring = await service.get(`${api}/recurring`, token);
  const anomalies = await service.get(`${api}/anomalies`, token);
  const registered = await service.post(`${api}/push-subscriptions`, browser, token);
  const recommendationOf = (category: string): string =>
    recommendations.find(({ categoryId }: { categoryId: string }) => categoryId === category).id;
  return [
    ['ruleId', rule.body.data.id],
    ['getForecast ruleId', bus.body.data.id],
    ['notificationId', notifications.body.data[0].id],
    ['acceptRecommendation recommendationId', recommendationOf('dining')],
    ['dismissRecommendation recommendationId', recommendationOf('fuel')],
    ['decideRecurring recurringId', recurring.body.data[0].id],
    ['judgeAnomaly anomalyId', anomalies.body.data[0].id],
    ['deletePushSubscription id', registered.body.data.id],
  ];
}

const browser = {
  endpoint: 'https://fcm.googleapis.com/fcm/send/world',
  keys: {
    p256dh: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
    auth: 'tBHItJI5svbpez7KI4CCXg',
  },
};

/** The tokens of links that are sent to people. */
async function links({ service }: ProviderWorld): Promise<[string, string][]> {
  const { unsubscribe_key: own } = await service.sql
    .selectFrom('users')
    .select('unsubscribe_key')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  const { tenantId } = service.tenant;
  const { id: notificationId } = await service.sql
    .selectFrom('notification_history')
    .select('id')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  const unsubscribe = unsubscribeToken({
    tenantId,
    userId,
    channel: 'sms',
    scope: { subject: 'channel' },
    key: own ?? '',
  });
  const careful = await service.anotherTenant({ confirmAddresses: true });
  await service.put('/api/users/u4', { email: 'grace@example.com' }, careful.adminKey);
  const { key } = await service.sql
    .selectFrom('address_confirmations')
    .select('key')
    .executeTakeFirstOrThrow();
  // The driver reads `bytea` as a buffer.
  const confirmation = confirmationToken({ tenantId: careful.tenantId, key: key as unknown as Buffer });
  return [
    ['showUnsubscribePage token', unsubscribe],
    ['stopMessages token', unsubscribe],
    ['showNotificationPage token', notificationToken({ tenantId, notificationId, key: own ?? '' })],
    ['showConfirmationPage token', confirmation],
    ['confirmAddress token', confirmation],
  ];
}
