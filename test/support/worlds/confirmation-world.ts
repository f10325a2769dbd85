/** A tenant whose people confirm their addresses, with real servers for mails and SMS. */
import PostalMime from 'postal-mime';
import { vi } from 'vitest';
import { ChannelServers } from '../servers/channel-servers.ts';
import type { Mail } from '../servers/smtp-server.ts';
import {
  type Answer,
  startService,
  type TestService,
  type TestServiceOptions,
  type TestTenant,
} from '../servers/service.ts';

type Addresses = { email?: string | null; phone?: string | null };
export type TriedDelivery = { channel: string; status: string; failureReason?: string };

const link = /https:\/\/spendwatch\.example(?<path>\/confirm\/(?<token>[\w-]+))/;
const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

export class ConfirmationWorld {
  readonly servers: ChannelServers;
  readonly service: TestService;
  readonly tenant: TestTenant;

  private constructor(servers: ChannelServers, service: TestService, tenant: TestTenant) {
    this.servers = servers;
    this.service = service;
    this.tenant = tenant;
  }

  static async start(options: TestServiceOptions = {}): Promise<ConfirmationWorld> {
    const servers = await ChannelServers.start();
    const service = await startService({ ...options, env: { ...servers.settings, ...options.env } });
    return new ConfirmationWorld(servers, service, await service.anotherTenant({ confirmAddresses: true }));
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.servers.stop();
  }

  set(userId: string, addresses: Addresses, tenant = this.tenant): Promise<Answer> {
    return this.service.put(`/api/users/${userId}`, addresses, tenant.adminKey);
  }

  async read(userId: string): Promise<Addresses & { unconfirmed: Addresses }> {
    return (await this.service.get(`/api/users/${userId}`, this.tenant.adminKey)).body;
  }

  mailsTo = (address: string): Mail[] => this.servers.mail.mails.filter(({ to }) => to.includes(address));
  smsTo = (number: string) => this.servers.sms.taken.filter(({ to }) => to === number);

  /** The mail that asks for a confirmation of the address, once it has arrived. */
  async askedByMail(address: string): Promise<{ mail: Mail; text: string; path: string }> {
    const mail = await vi.waitFor(() => found(this.mailsTo(address)), { timeout: 20_000 });
    const { text = '' } = await PostalMime.parse(mail.raw);
    return { mail, text, path: pathIn(text) };
  }

  async askedBySms(number: string): Promise<{ text: string; path: string; callback: string | null }> {
    const { text, callback } = await vi.waitFor(() => found(this.smsTo(number)), { timeout: 20_000 });
    return { text, path: pathIn(text), callback };
  }

  open(path: string, method: 'GET' | 'POST'): Promise<Response> {
    return fetch(this.service.url + path, { method, headers: browser });
  }

  /** Spends beyond a new budget of the person, and returns the deliveries of the alert. */
  async alert(userId: string, tenant = this.tenant): Promise<TriedDelivery[]> {
    const token = await this.service.token(userId, { tenantId: tenant.tenantId });
    const categoryId = crypto.randomUUID();
    const threshold = { percent: 1, severity: 'critical' };
    const rule = {
      categoryId,
      budgetAmount: '1.00',
      thresholds: [threshold],
      channels: ['in-app', 'email', 'sms'],
    };
    await this.service.post('/api/smart-alerts/rules', rule, token);
    const time = this.service.clock.now().toString();
    const data = {
      expenseId: categoryId,
      userId,
      categoryId,
      amount: '5.00',
      currency: 'USD',
      spentAt: time,
    };
    await this.service.post(
      '/api/events',
      { id: categoryId, type: 'expense.created', time, data },
      tenant.apiKey,
    );
    await this.service.settled();
    const list = (await this.service.get('/api/smart-alerts/notifications', token)).body.data;
    return list[0].deliveries.filter(({ channel }: TriedDelivery) => channel !== 'in-app');
  }
}

function found<Each>(list: readonly Each[]): Each {
  const [first] = list;
  if (first === undefined) throw new Error('nothing has arrived yet');
  return first;
}

function pathIn(text: string): string {
  const path = link.exec(text)?.groups?.['path'];
  if (path === undefined) throw new Error(`no link in: ${text}`);
  return path;
}
