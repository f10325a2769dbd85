/** A person of a test service: spends, keeps rules, and reads what they were told. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestService } from './service.ts';

type Spent = { category?: string; at?: Temporal.Instant; currency?: string; expenseId?: string };

/** Someone of their own for each test, who acts through the public door. */
export class Person {
  readonly userId: string;
  readonly #service: TestService;
  readonly #token: string;

  private constructor(service: TestService, userId: string, token: string) {
    this.#service = service;
    this.userId = userId;
    this.#token = token;
  }

  static async arrives(service: TestService): Promise<Person> {
    const userId = `p-${randomUUID()}`;
    return new Person(service, userId, await service.token(userId));
  }

  async spend(amount: string, spent: Spent = {}): Promise<string> {
    const expenseId = spent.expenseId ?? randomUUID();
    const data = {
      expenseId,
      userId: this.userId,
      categoryId: spent.category ?? 'food',
      amount,
      currency: spent.currency ?? 'USD',
      spentAt: (spent.at ?? this.#service.clock.now()).toString(),
    };
    const time = this.#service.clock.now().toString();
    const event = { id: randomUUID(), type: 'expense.created', time, data };
    assert.equal((await this.#service.post('/api/events', event)).status, 202);
    await this.#service.settled();
    return expenseId;
  }

  async budget(budgetAmount: string, rule: object = {}): Promise<string> {
    const answer = await this.#service.post(
      '/api/smart-alerts/rules',
      { budgetAmount, channels: ['in-app'], ...rule },
      this.#token,
    );
    assert.equal(answer.status, 201);
    await this.#service.settled();
    return answer.body.data.id;
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

  /** `level outcome`, oldest first, from the `since`-th on. */
  async story(ruleId: string, since = 0): Promise<string[]> {
    const { body } = await this.#service.get(
      `/api/smart-alerts/rules/${ruleId}/decisions?limit=200`,
      this.#token,
    );
    const rows: { level: number | null; outcome: string }[] = body.data;
    return rows
      .toReversed()
      .slice(since)
      .map(({ level, outcome }) => `${level ?? '-'} ${outcome}`);
  }

  async notifications(): Promise<{ level: number; status: string; reason?: string; message: string }[]> {
    return (
      await this.#service.get('/api/smart-alerts/notifications?limit=200', this.#token)
    ).body.data.toReversed();
  }

  /** The levels told, in order. */
  async heard(): Promise<number[]> {
    return (await this.notifications()).map(({ level }) => level);
  }
}
