/** A person who buys at named merchants on past days and reads recommendations once the profile is rebuilt. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import type { Sql } from '../../../src/runtime/database/database.ts';
import type { Answer, TestService, TestTenant } from '../servers/service.ts';

export type Purchase = {
  /** A local day, taken as noon UTC, or an instant. */
  on: string;
  amount: string;
  merchant?: string;
  category?: string;
  currency?: string;
  expenseId?: string;
  kind?: 'cash' | 'transfer';
  status?: 'pending';
  merchantId?: string;
};

/** The next profile rebuild does not wait after this time. */
const betweenRebuilds = { seconds: 5 } as const;

export const profilesRebuilt = (sql: Sql): Promise<void> =>
  vi.waitFor(async () => expect(await sql.selectFrom('stale_profiles').select('id').execute()).toEqual([]), {
    timeout: 20_000,
    interval: 10,
  });

export class Shopper {
  readonly userId: string;
  readonly token: string;
  readonly #service: TestService;
  readonly #tenant: TestTenant;

  private constructor(service: TestService, tenant: TestTenant, userId: string, token: string) {
    this.#service = service;
    this.#tenant = tenant;
    this.userId = userId;
    this.token = token;
  }

  static arrives(service: TestService, tenant = service.tenant): Promise<Shopper> {
    return Shopper.of(service, `p-${randomUUID()}`, tenant);
  }

  static async of(service: TestService, userId: string, tenant = service.tenant): Promise<Shopper> {
    return new Shopper(service, tenant, userId, await service.token(userId, { tenantId: tenant.tenantId }));
  }

  /** Posts purchases as one batch and waits until the profile is rebuilt. */
  async buys(...purchases: Purchase[]): Promise<void> {
    await this.posts(...purchases);
    await profilesRebuilt(this.#service.sql);
  }

  async posts(...purchases: Purchase[]): Promise<void> {
    const { clock } = this.#service;
    const time = clock.advance(betweenRebuilds).toString();
    const events = purchases.map((purchase) => ({
      id: randomUUID(),
      type: 'expense.updated',
      time,
      data: this.#expense(purchase),
    }));
    const answer = await this.#service.post('/api/events', events, this.#tenant.apiKey);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    assert.deepEqual(answer.body.rejected, []);
    await this.#service.settled();
  }

  #expense({ on, merchant, category = 'food', currency = 'USD', expenseId, ...facts }: Purchase) {
    return {
      expenseId: expenseId ?? randomUUID(),
      userId: this.userId,
      categoryId: category,
      ...(merchant === undefined ? {} : { merchant }),
      currency,
      ...facts,
      spentAt: on.includes('T') ? on : `${on}T12:00:00Z`,
    };
  }

  async takesBack(expenseId: string): Promise<void> {
    const time = this.#service.clock.advance(betweenRebuilds).toString();
    const event = { id: randomUUID(), type: 'expense.deleted', time, data: { expenseId } };
    assert.equal((await this.#service.post('/api/events', event, this.#tenant.apiKey)).status, 202);
    await this.#service.settled();
    await profilesRebuilt(this.#service.sql);
  }

  async recommendations(query = '') {
    const answer = await this.#service.get(`/api/smart-alerts/recommendations?${query}`, this.token);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.data;
  }

  async categories() {
    const { body } = await this.#service.get('/api/smart-alerts/profile', this.token);
    return body.data.categories;
  }

  decides(id: string, decision: 'accept' | 'dismiss', body?: object): Promise<Answer> {
    return this.#service.put(`/api/smart-alerts/recommendations/${id}/${decision}`, body, this.token);
  }
}

/** Makes a purchase on the 15th of each month, the last in October 2026. */
export const monthly = (amounts: readonly string[], purchase: Partial<Purchase> = {}): Purchase[] =>
  amounts.map((amount, index) => ({
    on: Temporal.PlainDate.from('2026-10-15')
      .subtract({ months: amounts.length - 1 - index })
      .toString(),
    amount,
    ...purchase,
  }));

/**
 * Purchases that a trend is recommended for: ten of 20.00 a month for three months, and 22 a month in the three after. `before`
 * is the month that follows them. The merchants take turns, so that no charge recurs.
 */
export const rising = ({
  category = 'food',
  before = '2026-11',
  each = '20.00',
  counts = [10, 10, 10, 22, 22, 22],
}: { category?: string; before?: string; each?: string; counts?: readonly number[] } = {}): Purchase[] =>
  counts.flatMap((count, index) =>
    Array.from({ length: count }, (_, place) => ({
      on: Temporal.PlainYearMonth.from(before)
        .subtract({ months: counts.length - index })
        .toPlainDate({ day: 1 + place })
        .toString(),
      amount: each,
      merchant: ['Alpha', 'Beta', 'Alpha', 'Gamma'][place % 4] ?? '',
      category,
    })),
  );
