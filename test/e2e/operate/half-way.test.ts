/**
 * A worker killed at the worst moment of a send: the provider has accepted the message and not answered yet. Only the
 * provider knows, and the worker that takes the delivery over must not cause a second message. Messages that ask for a
 * confirmation are the exception: a lost one would leave the person without alerts.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { ChannelServers } from '../../support/servers/channel-servers.ts';
import { freshDatabase, type FreshDatabase } from '../../support/servers/database.ts';
import { Fleet } from '../../support/servers/fleet.ts';
import { keyHeader } from '../../support/servers/messages-server.ts';
import { runCommand } from '../../support/servers/command-line.ts';

type Answer = ReturnType<typeof JSON.parse>;

const never = (): Promise<never> => Promise.withResolvers<never>().promise;

/** A web and a worker with every channel; the providers accept each message and do not answer. */
class HalfWay {
  readonly servers: ChannelServers;
  readonly #database: FreshDatabase;
  readonly #fleet: Fleet;
  readonly #settings: Record<string, string>;

  private constructor(servers: ChannelServers, database: FreshDatabase, settings: Record<string, string>) {
    this.servers = servers;
    this.#database = database;
    this.#settings = settings;
    this.#fleet = new Fleet(settings);
  }

  static async start(extra: Record<string, string>): Promise<HalfWay> {
    const [servers, database] = await Promise.all([ChannelServers.start(), freshDatabase()]);
    const halfWay = new HalfWay(servers, database, {
      DATABASE_URL: database.url,
      JWT_SECRET: randomBytes(32).toString('hex'),
      PORT: '0',
      // Noon, outside of quiet hours.
      CLOCK_START: '2026-11-10T12:00:00Z',
      ...servers.settings,
      ...extra,
    });
    servers.mail.behaviour.onTaken = never;
    servers.sms.answering = never;
    servers.push.answering = never;
    await halfWay.#fleet.start(['web', 'worker']);
    return halfWay;
  }

  async stop(): Promise<void> {
    const died = [...this.#fleet.deaths, ...(await this.#fleet.stop())];
    await this.servers.stop();
    await this.#database.drop();
    if (died.length > 0) throw new Error(`died by themselves: ${died.join('\n')}`);
  }

  /** Makes a person overspend who is notified on these channels. Returns a reader of the alert's deliveries. */
  async alert(channels: string[]): Promise<() => Promise<Answer[]>> {
    const { tenantId, apiKey } = await runCommand(this.#settings, 'tenant', 'create', '--name', 'Half');
    const admin = await this.#adminKey(String(tenantId));
    const userId = randomUUID();
    const { token } = await this.call('POST', '/api/tokens', admin, { userId });
    const addresses = { email: 'ada@example.com', phone: '+15551230000' };
    await this.call('PUT', `/api/users/${userId}`, admin, addresses);
    const { endpoint, p256dh, auth } = this.servers.push.subscribe('phone');
    const keys = { p256dh, auth };
    await this.call('POST', '/api/smart-alerts/push-subscriptions', token, { endpoint, keys });
    await this.call('POST', '/api/smart-alerts/rules', token, { budgetAmount: '100.00', channels });
    await this.#overspend(userId, String(apiKey));
    return async () => {
      const { data } = await this.call('GET', '/api/smart-alerts/notifications', token);
      return data[0]?.deliveries ?? [];
    };
  }

  /** Sets addresses that their person must confirm. Returns a reader of the person, as their service sees them. */
  async ask(addresses: { email: string; phone: string }): Promise<() => Promise<Answer>> {
    const create = ['tenant', 'create', '--name', 'Half', '--confirm-addresses'];
    const { tenantId } = await runCommand(this.#settings, ...create);
    const admin = await this.#adminKey(String(tenantId));
    await this.call('PUT', '/api/users/ada', admin, addresses);
    return () => this.call('GET', '/api/users/ada', admin);
  }

  /** Presses the button of the page that a confirmation link opens. */
  async confirm(link: string): Promise<number> {
    const { pathname } = new URL(link);
    return (await fetch(`${this.#fleet.urls[0]}${pathname}`, { method: 'POST' })).status;
  }

  /** Kills the worker by SIGKILL and starts another; the providers answer from now on. */
  async killWorker(): Promise<void> {
    this.servers.mail.behaviour = {};
    this.servers.sms.answering = null;
    this.servers.push.answering = null;
    await this.#fleet.kill('worker', 0);
  }

  async call(method: string, path: string, credential: string, body?: object): Promise<Answer> {
    const response = await fetch(`${this.#fleet.urls[0]}${path}`, {
      method,
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  async #adminKey(tenantId: string): Promise<string> {
    const args = ['key', 'create', '--tenant', tenantId, '--scope', 'admin'];
    return String((await runCommand(this.#settings, ...args))['apiKey']);
  }

  async #overspend(userId: string, apiKey: string): Promise<void> {
    const time = '2026-11-10T12:00:00Z';
    const expense = { userId, categoryId: 'groceries', amount: '120.00', currency: 'USD', spentAt: time };
    const data = { expenseId: randomUUID(), ...expense };
    await this.call('POST', '/api/events', apiKey, { id: randomUUID(), type: 'expense.created', time, data });
  }
}

const statuses = (deliveries: Answer[]): Record<string, unknown> =>
  Object.fromEntries(deliveries.map(({ channel, status }) => [channel, status]));

const confirmationLink = /https:\/\/spendwatch\.example\/confirm\/[\w-]{43}/;

/** Time limits: for the takeover of a dead worker's job, and for the expiry of its claim. */
const takenOver = { timeout: 40_000, interval: 250 };
const expired = { timeout: 110_000, interval: 500 };

describe('after a worker is killed between the provider’s acceptance and its answer', () => {
  let plain: HalfWay;
  let keyed: HalfWay;
  let asking: HalfWay;

  beforeAll(async () => {
    [plain, asking, keyed] = await Promise.all([
      HalfWay.start({}),
      HalfWay.start({}),
      HalfWay.start({ SMS_IDEMPOTENCY_HEADER: keyHeader }),
    ]);
  });
  afterAll(() => Promise.all([plain.stop(), asking.stop(), keyed.stop()]));

  test.concurrent('a mail is sent again with its Message-ID, a push with its topic, and an SMS is not', async ({
    expect,
  }) => {
    const { mail, sms, push } = plain.servers;
    const deliveries = await plain.alert(['in-app', 'email', 'sms', 'push']);
    const acceptedOnce = () =>
      expect([mail.mails.length, sms.taken.length, push.taken.length]).toEqual([1, 1, 1]);
    await vi.waitFor(acceptedOnce, takenOver);
    expect(statuses(await deliveries())).toMatchObject({ email: 'sending', sms: 'sending', push: 'sending' });
    await plain.killWorker();

    const over = { 'in-app': 'sent', email: 'sent', push: 'sent', sms: 'unknown' };
    await vi.waitFor(async () => expect(statuses(await deliveries())).toEqual(over), expired);
    expect(mail.mails).toHaveLength(2);
    expect(new Set(mail.mails.map(({ headers }) => headers['message-id'])).size).toBe(1);
    expect(push.taken).toHaveLength(2);
    expect(push.shown).toHaveLength(1);
    expect(sms.taken).toHaveLength(1);
    const smsDelivery = (await deliveries()).find(({ channel }) => channel === 'sms');
    expect(smsDelivery).toMatchObject({ attempts: 1, failureReason: 'crashed' });
  }, 150_000);

  test.concurrent('messages that ask for a confirmation are sent again with the same link', async ({
    expect,
  }) => {
    const { mail, sms } = asking.servers;
    const addresses = { email: 'ada@example.com', phone: '+15551230000' };
    const person = await asking.ask(addresses);
    const sent = (times: number) => () =>
      expect([mail.mails.length, sms.taken.length]).toEqual([times, times]);
    await vi.waitFor(sent(1), takenOver);
    await asking.killWorker();
    await vi.waitFor(sent(2), takenOver);
    expect(new Set(mail.mails.map(({ headers }) => headers['message-id'])).size).toBe(1);
    const texts = await Promise.all(
      mail.mails.map(async ({ raw }) => (await PostalMime.parse(raw)).text ?? ''),
    );
    const links = [...texts, ...sms.taken.map(({ text }) => text)].map(
      (text) => confirmationLink.exec(text)?.[0],
    );
    expect([links[0] === links[1], links[2] === links[3]]).toEqual([true, true]);
    for (const link of [links[0], links[2]]) expect(await asking.confirm(link ?? '')).toBe(200);
    expect(await person()).toMatchObject({ ...addresses, unconfirmed: { email: null, phone: null } });
  }, 90_000);

  test.concurrent('an SMS with an idempotency key is sent again, and the provider delivers it once', async ({
    expect,
  }) => {
    const { sms } = keyed.servers;
    const deliveries = await keyed.alert(['in-app', 'sms']);
    await vi.waitFor(() => expect(sms.taken).toHaveLength(1), takenOver);
    await keyed.killWorker();
    const over = { 'in-app': 'sent', sms: 'sent' };
    await vi.waitFor(async () => expect(statuses(await deliveries())).toEqual(over), takenOver);
    expect(sms.taken).toHaveLength(1);
    expect((await deliveries()).find(({ channel }) => channel === 'sms')).toMatchObject({ attempts: 2 });
  }, 90_000);
});
