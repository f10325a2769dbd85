import { randomUUIDv7 } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import type { IncomingEvent } from '../../../src/ingest/decide/event.ts';
import { changeRule } from '../../../src/settings/change-rule.ts';
import { compareSpending } from '../../../src/alerts/spending/compare-spending.ts';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { type Rule, ruleDefaults } from '../../../src/alerts/decide/rule.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { plain } from '../../support/worlds/alerts/plain.ts';

const at = (text: string) => Temporal.Instant.from(text);

let service: TestService;
let lines: string[];

beforeEach(async () => {
  service = await startService({ roles: ['worker'] });
  lines = [];
});

afterEach(() => service.stop());

const log = createLog('error', { write: (line) => void lines.push(line) });
const reconcile = () => runJobNow({ ...service.services, log }, 'reconcile-spending', service.clock.now());
const logged = () => lines.map((line): { tenantId: string; difference: unknown } => JSON.parse(line));

type Spent = {
  userId: string;
  categoryId: string;
  amountMinor: bigint;
  currency?: string;
  expenseId?: string;
  spentAt?: Temporal.Instant;
};

const makeEvent = ({ expenseId, ...spent }: Spent, tenantId: string): IncomingEvent => ({
  tenantId,
  source: 'api',
  id: randomUUIDv7(),
  type: 'expense.created',
  sequence: null,
  replaces: null,
  time: service.clock.now(),
  expenseId: expenseId ?? randomUUIDv7(),
  expense: {
    currency: 'USD',
    merchant: null,
    description: null,
    ...plain,
    spentAt: service.clock.now(),
    ...spent,
  },
});

async function spend(...spent: Spent[]): Promise<void> {
  await service.services.inbox.accept(spent.map((each) => makeEvent(each, service.tenant.tenantId)));
  await service.settled();
}

async function watch(userId: string, draft: Partial<Rule> = {}): Promise<string> {
  const { db, clock } = service.services;
  const owner = { tenantId: service.tenant.tenantId, userId };
  const rule = { ...ruleDefaults, name: 'rule', budgetMinor: 100_000n, currency: 'USD', ...draft };
  const { ruleId } = await createRule(
    db,
    owner,
    { ...rule, thresholds: [...rule.thresholds], channels: ['in-app'] },
    clock.now(),
  );
  return ruleId;
}

const insertEmptyTotal = (userId: string) =>
  service.sql
    .insertInto('daily_spend')
    .values({
      tenant_id: service.tenant.tenantId,
      user_id: userId,
      day: '2026-11-01',
      category_id: 'fuel',
      currency: 'USD',
      amount_minor: '0',
      expense_count: 0,
    })
    .execute();

const differences = () => compareSpending(service.sql, service.tenant.tenantId);

describe('sums that equal the expenses', () => {
  it('are left as they are after expenses and rules have changed', async () => {
    await spend(
      { userId: 'p01', categoryId: 'groceries', amountMinor: 4210n, expenseId: 'e1' },
      { userId: 'p01', categoryId: 'groceries', amountMinor: -210n },
      { userId: 'p01', categoryId: 'travel', amountMinor: 900n, currency: 'EUR' },
      { userId: 'p01', categoryId: 'travel', amountMinor: 1n, spentAt: at('2026-11-30T23:59:59Z') },
      { userId: 'p01', categoryId: 'travel', amountMinor: 2n, spentAt: at('2026-12-01T00:00:00Z') },
      { userId: 'p02', categoryId: 'travel', amountMinor: 77n },
    );
    await watch('p01');
    const inDollars = await watch('p01', { categoryId: 'groceries' });
    const switchedOff = await watch('p02');
    const owner = { tenantId: service.tenant.tenantId, userId: 'p02' };
    await changeRule(service.services.db, owner, switchedOff, { isActive: false }, service.clock.now());
    service.clock.advance({ seconds: 1 });
    await spend({ userId: 'p01', categoryId: 'fuel', amountMinor: 4210n, expenseId: 'e1' });
    await changeRule(
      service.services.db,
      { ...owner, userId: 'p01' },
      inDollars,
      { categoryId: 'travel', currency: 'EUR' },
      service.clock.now(),
    );

    await insertEmptyTotal('p02');

    const { outcome } = await reconcile();
    expect(outcome).toBe('tenants compared: 1, differences: 0, people rebuilt: 0');
    expect(lines).toEqual([]);
  });

  it('show no difference while events are evaluated', async () => {
    const { inbox } = service.services;
    await spend({ userId: 'p01', categoryId: 'c0', amountMinor: 1n });
    await watch('p01', { period: 'daily' });
    const progress = { isOver: false };
    const spending = Promise.all(
      Array.from({ length: 1000 }, async (_, n) => {
        const spent = {
          userId: 'p01',
          categoryId: `c${n % 3}`,
          amountMinor: BigInt(n),
          expenseId: `e${n % 50}`,
        };
        await inbox.accept([makeEvent(spent, service.tenant.tenantId)]);
      }),
    )
      .then(() => service.settled())
      .finally(() => (progress.isOver = true));
    let compared = 0;
    for (; !progress.isOver; compared += 1) expect(await differences()).toEqual([]);
    await spending;
    expect(compared).toBeGreaterThan(3);
    expect(await differences()).toEqual([]);
  });
});

describe('sums that differ from the expenses', () => {
  it('are logged as errors with ids and figures, and rebuilt', async () => {
    const { tenantId } = service.tenant;
    const { sql } = service;
    await spend(
      { userId: 'p01', categoryId: 'groceries', amountMinor: 4210n },
      { userId: 'p02', categoryId: 'travel', amountMinor: 77n },
      { userId: 'p03', categoryId: 'travel', amountMinor: 5n },
    );
    const ruleId = await watch('p02');
    await sql
      .updateTable('daily_spend')
      .set({ amount_minor: '4211', expense_count: 2 })
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', 'p01')
      .execute();
    await sql
      .deleteFrom('daily_spend')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', 'p03')
      .execute();
    await sql
      .updateTable('rule_spend')
      .set({ spent_minor: '70' })
      .where('tenant_id', '=', tenantId)
      .where('rule_id', '=', ruleId)
      .execute();

    const { outcome } = await reconcile();
    expect(outcome).toBe('tenants compared: 1, differences: 3, people rebuilt: 3');
    const day = service.clock.now().toString().slice(0, 10);
    const of = (userId: string, categoryId: string) => ({
      kind: 'daily_spend',
      userId,
      day,
      categoryId,
      currency: 'USD',
    });
    expect(logged().map((line) => line.difference)).toEqual([
      { ...of('p01', 'groceries'), kept: '4211', expected: '4210', keptCount: 2, expectedCount: 1 },
      { ...of('p03', 'travel'), kept: null, expected: '5', keptCount: 0, expectedCount: 1 },
      {
        kind: 'rule_spend',
        userId: 'p02',
        ruleId,
        periodStart: '2026-11-01',
        periodEnd: '2026-12-01',
        kept: '70',
        expected: '77',
      },
    ]);
    expect(logged().every((line) => line.tenantId === tenantId)).toBe(true);

    const days = await sql
      .selectFrom('daily_spend')
      .select(['user_id', 'amount_minor'])
      .orderBy('user_id')
      .execute();
    expect(days.map((row) => row.amount_minor)).toEqual(['4210', '77', '5']);
    const rules = await sql.selectFrom('rule_spend').select('spent_minor').execute();
    expect(rules).toEqual([{ spent_minor: '77' }]);
    lines = [];
    expect((await reconcile()).outcome).toBe('tenants compared: 1, differences: 0, people rebuilt: 0');
    expect(lines).toEqual([]);
  });

  it('raise the alert that was missed once they are rebuilt', async () => {
    const { sql } = service;
    await spend({ userId: 'p01', categoryId: 'groceries', amountMinor: 9_000n });
    await watch('p01', { budgetMinor: 10_000n, thresholds: [{ percent: 100, severity: 'danger' }] });
    await spend({ userId: 'p01', categoryId: 'groceries', amountMinor: 500n });
    await sql
      .updateTable('expenses')
      .set({ amount_minor: '1500' })
      .where('amount_minor', '=', '500')
      .execute();
    expect(await sql.selectFrom('notification_history').select('id').execute()).toEqual([]);

    await reconcile();
    await service.settled();
    const notifications = await sql.selectFrom('notification_history').select(['level', 'status']).execute();
    expect(notifications).toEqual([{ level: 100, status: 'sent' }]);
  });

  it('are found in one tenant among others', async () => {
    const other = await service.anotherTenant();
    const { sql } = service;
    await spend({ userId: 'p01', categoryId: 'groceries', amountMinor: 4210n });
    await service.services.inbox.accept([
      makeEvent({ userId: 'p01', categoryId: 'groceries', amountMinor: 1n }, other.tenantId),
    ]);
    await service.settled();
    await sql
      .updateTable('daily_spend')
      .set({ amount_minor: '2' })
      .where('tenant_id', '=', other.tenantId)
      .execute();
    expect((await reconcile()).outcome).toBe('tenants compared: 2, differences: 1, people rebuilt: 1');
    expect(logged()).toMatchObject([{ tenantId: other.tenantId, difference: { kept: '2', expected: '1' } }]);
  });
});
