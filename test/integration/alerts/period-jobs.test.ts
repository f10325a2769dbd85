import { randomUUIDv7 } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { lockRates } from '../../../src/alerts/spending/lock-rates.ts';
import { registerUser } from '../../../src/accounts/people.ts';
import { ruleDefaults } from '../../../src/alerts/decide/rule.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { plain } from '../../support/worlds/alerts/plain.ts';

let service: TestService;

beforeEach(async () => {
  service = await startService({ roles: ['worker'] });
});

afterEach(() => service.stop());

const run = (job: string) => runJobNow(service.services, job, service.clock.now());

async function watch(userId: string): Promise<void> {
  const { db, clock } = service.services;
  const owner = { tenantId: service.tenant.tenantId, userId };
  await registerUser(service.sql, owner, clock.now());
  await createRule(
    db,
    owner,
    {
      ...ruleDefaults,
      name: 'rule',
      budgetMinor: 10_000n,
      currency: 'USD',
      thresholds: [{ percent: 100, severity: 'danger' }],
      channels: ['in-app'],
    },
    clock.now(),
  );
}

async function spend(userId: string, amountMinor: bigint, spentAt = service.clock.now()): Promise<void> {
  const expense = {
    userId,
    categoryId: 'groceries',
    merchant: null,
    description: null,
    ...plain,
    amountMinor,
    currency: 'USD',
    spentAt,
  };
  await service.services.inbox.accept([
    {
      tenantId: service.tenant.tenantId,
      source: 'api',
      id: randomUUIDv7(),
      type: 'expense.created',
      sequence: null,
      replaces: null,
      time: service.clock.now(),
      expenseId: randomUUIDv7(),
      expense,
    },
  ]);
  await service.settled();
}

const readNotifications = async () => {
  await service.settled();
  const { sql } = service;
  return sql
    .selectFrom('notification_history')
    .select(['user_id', 'level', 'status'])
    .orderBy('id')
    .execute();
};

describe('evaluate-periods', () => {
  it('alerts once when a period begins with expenses dated ahead', async () => {
    await watch('p01');
    await spend('p01', 10_000n, Temporal.Instant.from('2026-12-05T12:00:00Z'));
    service.clock.moveTo(Temporal.Instant.from('2026-11-30T23:59:59Z'));
    expect(await run('evaluate-periods')).toMatchObject({ outcome: '0 periods opened' });
    expect(await readNotifications()).toEqual([]);

    service.clock.moveTo(Temporal.Instant.from('2026-12-01T00:00:00Z'));
    expect(await run('evaluate-periods')).toMatchObject({ outcome: '1 periods opened' });
    expect(await readNotifications()).toEqual([{ user_id: 'p01', level: 100, status: 'sent' }]);
    expect(await run('evaluate-periods')).toMatchObject({ outcome: '0 periods opened' });
    expect(await readNotifications()).toHaveLength(1);
  });
});

describe('end-cooldowns', () => {
  it('alerts once when the cooldown ends of a level that opened again within it', async () => {
    await watch('p01');
    await spend('p01', 10_000n);
    await spend('p01', -1n);
    service.clock.advance({ minutes: 10 });
    await spend('p01', 1n);
    service.clock.advance({ minutes: 49 });
    expect(await run('end-cooldowns')).toMatchObject({ outcome: '0 cooldowns ended' });
    expect(await readNotifications()).toHaveLength(1);

    service.clock.advance({ minutes: 1 });
    expect(await run('end-cooldowns')).toMatchObject({ outcome: '1 cooldowns ended' });
    expect(await readNotifications()).toHaveLength(2);
    expect(await run('end-cooldowns')).toMatchObject({ outcome: '0 cooldowns ended' });
  });
});

it.each(['evaluate-periods', 'end-cooldowns'])(
  '%s does not wait for the rates of a tenant with nothing due',
  async (job) => {
    const { tenantId } = await service.anotherTenant();
    await service.sql.transaction().execute(async (changing) => {
      await lockRates(changing, tenantId);
      await expect(run(job)).resolves.toMatchObject({ outcome: expect.stringMatching(/^0 /) });
    });
  },
);
