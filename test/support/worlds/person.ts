/** A person of a test service, who spends, has rules and reads notifications through the API. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestService, TestTenant } from '../servers/service.ts';

/** A notification as `GET /notifications` shows it. */
export type ReceivedNotification = {
  id: string;
  type: string;
  ruleId?: string;
  level?: number;
  severity: string;
  title: string;
  message: string;
  status: string;
  reason?: string;
  until?: string;
  mergedInto?: string;
  deliveries: { channel: string; status: string; failureReason?: string }[];
};

/** `time`: of the event; now if it is left out. */
type Spent = {
  category?: string;
  merchant?: string;
  merchantId?: string;
  at?: Temporal.Instant;
  currency?: string;
  expenseId?: string;
  time?: Temporal.Instant;
};

/** Each test makes its own people. They act through the API alone. */
export class Person {
  readonly userId: string;
  readonly #service: TestService;
  readonly #tenant: TestTenant;
  readonly #token: string;

  private constructor(service: TestService, tenant: TestTenant, userId: string, token: string) {
    this.#service = service;
    this.#tenant = tenant;
    this.userId = userId;
    this.#token = token;
  }

  /** Makes a person of the service's first tenant, or of another. */
  static async arrives(service: TestService, tenant = service.tenant): Promise<Person> {
    const userId = `p-${randomUUID()}`;
    return new Person(service, tenant, userId, await service.token(userId, { tenantId: tenant.tenantId }));
  }

  /** Calls `spends` and waits until the service has settled. */
  async spend(amount: string, spent: Spent = {}): Promise<string> {
    const expenseId = await this.spends(amount, spent);
    await this.#service.settled();
    return expenseId;
  }

  async spends(amount: string, spent: Spent = {}): Promise<string> {
    const expenseId = spent.expenseId ?? randomUUID();
    const data = {
      expenseId,
      userId: this.userId,
      categoryId: spent.category ?? 'food',
      ...(spent.merchant && { merchant: spent.merchant }),
      ...(spent.merchantId && { merchantId: spent.merchantId }),
      amount,
      currency: spent.currency ?? 'USD',
      spentAt: (spent.at ?? this.#service.clock.now()).toString(),
    };
    const time = (spent.time ?? this.#service.clock.now()).toString();
    const event = { id: randomUUID(), type: 'expense.created', time, data };
    assert.equal((await this.#service.post('/api/events', event, this.#tenant.apiKey)).status, 202);
    return expenseId;
  }

  /** Calls `watches` and waits until the service has settled. */
  async budget(budgetAmount: string, rule: object = {}): Promise<string> {
    const ruleId = await this.watches(budgetAmount, rule);
    await this.#service.settled();
    return ruleId;
  }

  async watches(budgetAmount: string, rule: object = {}): Promise<string> {
    const answer = await this.#service.post(
      '/api/smart-alerts/rules',
      { budgetAmount, channels: ['in-app'], ...rule },
      this.#token,
    );
    assert.equal(answer.status, 201);
    return answer.body.data.id;
  }

  async read(notificationId: string): Promise<void> {
    const path = `/api/smart-alerts/notifications/${notificationId}/read`;
    assert.equal((await this.#service.put(path, {}, this.#token)).status, 200);
  }

  async prefers(preferences: object): Promise<void> {
    const answer = await this.#service.put('/api/smart-alerts/preferences', preferences, this.#token);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }

  async change(ruleId: string, changes: object): Promise<void> {
    const answer = await this.#service.put(`/api/smart-alerts/rules/${ruleId}`, changes, this.#token);
    assert.equal(answer.status, 200);
    await this.#service.settled();
  }

  async disable(ruleId: string): Promise<void> {
    assert.equal((await this.#service.delete(`/api/smart-alerts/rules/${ruleId}`, this.#token)).status, 204);
  }

  async rule(ruleId: string) {
    return (await this.#service.get(`/api/smart-alerts/rules/${ruleId}`, this.#token)).body.data;
  }

  /** The person's rules, newest first. `query`: what narrows the list. */
  async rules(query: string): Promise<{ id: string; spent: string }[]> {
    return (await this.#service.get(`/api/smart-alerts/rules?${query}`, this.#token)).body.data;
  }

  /** A call that may be refused. */
  tries(method: 'post' | 'put', path: string, body: object) {
    return this.#service[method](`/api/smart-alerts${path}`, body, this.#token);
  }

  async dashboard() {
    return (await this.#service.get('/api/smart-alerts/dashboard', this.#token)).body.data;
  }

  async dailySummary(day: string) {
    return (await this.#service.get(`/api/smart-alerts/daily-summary?date=${day}`, this.#token)).body.data;
  }

  /** Lists a rule's decisions as `level outcome`, oldest first, from index `since` on. */
  async story(ruleId: string, since = 0): Promise<string[]> {
    const rows = await this.decisions(ruleId);
    return rows.slice(since).map(({ level, outcome }) => `${level ?? '-'} ${outcome}`);
  }

  /** Lists a rule's decisions, oldest first. */
  async decisions(
    ruleId: string,
  ): Promise<{ at: string; level: number; outcome: string; spent: string; budget: string }[]> {
    const { body } = await this.#service.get(
      `/api/smart-alerts/rules/${ruleId}/decisions?limit=200`,
      this.#token,
    );
    return body.data.toReversed();
  }

  /** Lists the person's notifications, oldest first. */
  async notifications(): Promise<ReceivedNotification[]> {
    return (
      await this.#service.get('/api/smart-alerts/notifications?limit=200', this.#token)
    ).body.data.toReversed();
  }

  /** Lists the levels of the notifications, oldest first. */
  async heard(): Promise<number[]> {
    return (await this.notifications()).flatMap(({ level }) => level ?? []);
  }
}
