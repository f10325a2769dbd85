/** Runs two web processes and a worker on one database, with people who follow their live streams. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { sql as statement } from 'kysely';
import { vi } from 'vitest';
import { announceNotification } from '../../../src/deliver/channels/in-app/announce-notification.ts';
import { startService, type TestService } from '../servers/service.ts';
import { OpenStream } from '../servers/stream-client.ts';

export const soon = { timeout: 10_000, interval: 10 };

/** A common secret makes tokens valid in every process. */
const env = { JWT_SECRET: 'a secret that all of the processes know of' };

export class StreamWorld {
  readonly service: TestService;
  /** A second web process on the same database. */
  readonly other: TestService;
  readonly #leaving: (() => unknown)[] = [];

  private constructor(service: TestService, other: TestService) {
    this.service = service;
    this.other = other;
  }

  static async start(): Promise<StreamWorld> {
    const service = await startService({ env });
    const other = await startService({ env, roles: ['web'], databaseUrl: service.databaseUrl });
    return new StreamWorld(service, other);
  }

  /** Starts one more web process, which the test has to stop. */
  join(databaseUrl = this.service.databaseUrl): Promise<TestService> {
    return startService({ env, roles: ['web'], databaseUrl });
  }

  /** Registers steps for the end of the test, in this order. */
  onLeave(...leaving: (() => unknown)[]): void {
    this.#leaving.push(...leaving);
  }

  /** Runs after each test. A stream counts until its process has noticed that the client left. */
  async tidy(): Promise<void> {
    for (const leave of this.#leaving.splice(0)) await leave();
    await vi.waitFor(async () => assert.deepEqual(await this.openStreams(), [0, 0]), soon);
  }

  async stop(): Promise<void> {
    await this.other.stop();
    await this.service.stop();
  }

  async open(token: string, headers: Record<string, string> = {}, at = this.service): Promise<OpenStream> {
    const stream = await OpenStream.open(at.url, token, headers);
    this.onLeave(() => stream.leave());
    return stream;
  }

  /**
   * Aborts a stream request while the service waits for `table`, once `isTime` does not throw. Resolves when the
   * handler of the request has ended; for a response that became a stream it never ends.
   */
  async breakOff(token: string, table: string, isTime: () => Promise<void>): Promise<void> {
    const request = next<{ response: ServerResponse }>('http.server.request.start');
    const handled = next('tracing:fastify.request.handler:asyncEnd');
    await this.service.sql.transaction().execute(async (holding) => {
      await statement`lock table ${statement.table(table)} in access exclusive mode`.execute(holding);
      const leaving = new AbortController();
      const opening = OpenStream.open(this.service.url, token, {}, leaving);
      const { response } = await request;
      await vi.waitFor(isTime, soon);
      leaving.abort();
      await assert.rejects(opening);
      await vi.waitFor(() => assert(response.closed), soon);
    });
    await handled;
  }

  /** Makes a new person. */
  async arrives(ttlSeconds = 3600): Promise<{ userId: string; token: string }> {
    const userId = `p-${randomUUID()}`;
    const { tenantId } = this.service.tenant;
    const claims = { tenantId, userId, role: 'member' as const, ttlSeconds };
    const signed = await this.service.services.tokens.sign(claims);
    assert(signed);
    return { userId, token: signed.token };
  }

  /** Makes a rule and returns its id. */
  async watch(token: string, rule: object = {}): Promise<string> {
    const body = { name: 'Food', budgetAmount: '100.00', channels: ['in-app'], ...rule };
    const answer = await this.service.post('/api/smart-alerts/rules', body, token);
    assert.equal(answer.status, 201);
    return answer.body.data.id;
  }

  async spend(userId: string, amount: string): Promise<void> {
    const now = this.service.clock.now().toString();
    const expense = { userId, categoryId: 'food', amount, currency: 'USD', spentAt: now };
    const data = { expenseId: randomUUID(), ...expense };
    const event = { id: randomUUID(), type: 'expense.created', time: now, data };
    assert.equal((await this.service.post('/api/events', event)).status, 202);
  }

  /** Writes notifications straight into the table: finished but not announced to streams. */
  async unannounced(userId: string, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => randomUUID());
    await statement`
      insert into notification_history (tenant_id, id, user_id, type, severity, title, message, is_silent, status,
        created_at)
      select ${this.service.tenant.tenantId}, id, ${userId}, 'budget_alert', 'info', 'Food',
        ${'so much '.repeat(100)}, false, 'sent', ${this.service.clock.now().toString()}::timestamptz
      from unnest(${ids}::uuid[]) as id`.execute(this.service.sql);
    return ids;
  }

  announce(notificationId: string): Promise<void> {
    const { services, tenant } = this.service;
    return announceNotification(services.db, { tenantId: tenant.tenantId, notificationId });
  }

  /** Reads the number of open streams of each process. */
  openStreams(): Promise<(number | undefined)[]> {
    return Promise.all(
      [this.service, this.other].map(async ({ services }) => {
        const { values } = await services.metrics.streams.get();
        return values[0]?.value;
      }),
    );
  }
}

/** Resolves with the next message on one of Node's diagnostics channels; Node documents its shape. */
const next = <T>(channel: string): Promise<T> =>
  new Promise((resolve) => {
    const onMessage = (message: unknown) => {
      unsubscribe(channel, onMessage);
      resolve(message as T);
    };
    subscribe(channel, onMessage);
  });

type Received = { notifications: readonly { data: { id: string } }[] };

export const idsOf = ({ notifications }: Received): string[] => notifications.map(({ data }) => data.id);
