import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { evaluateBatches } from '../../../src/alerts/evaluate/evaluate-batches.ts';
import { readEventStatus } from '../../../src/ingest/sql/read-event-status.ts';
import { storeEvents } from '../../../src/ingest/sql/store-events.ts';
import {
  countOf,
  decisionsOf,
  draftOf,
  evaluate,
  incoming,
  makeTenant,
  start,
  hashPerson,
} from '../../support/worlds/alerts/batches.ts';
import { runPeriodJobs } from '../../support/worlds/alerts/period-jobs.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import type { ModelEvent } from '../../support/reference/reference-model.ts';
import type { ModelExpense } from '../../support/reference/reference-scope.ts';

const database = await databaseOfFile();
const { db } = database;

/** A tenant with one person and a rule with the default levels. */
async function makeTenantWithRule(): Promise<string> {
  const tenantId = await makeTenant(db, ['p01']);
  await createRule(db, { tenantId, userId: 'p01' }, draftOf({}), start);
  return tenantId;
}

const food = (id: string, amountMinor: bigint, changes: Partial<ModelExpense> = {}): ModelEvent => ({
  id: `evt-${id}`,
  time: start,
  expenseId: id,
  expense: { userId: 'p01', categoryId: 'food', amountMinor, currency: 'USD', spentAt: start, ...changes },
});

const readStory = async (tenantId: string): Promise<string[]> =>
  (await decisionsOf(db, tenantId)).map(({ level, outcome }) => `${level} ${outcome}`);

describe('a batch', () => {
  test('that doubles the budget at once leaves four decisions and one notification', async () => {
    const tenantId = await makeTenantWithRule();
    const evaluated = await evaluate(db, tenantId, [food('a', 20_000n)]);
    expect(await readStory(tenantId)).toEqual([
      '80 superseded',
      '95 superseded',
      '100 superseded',
      '150 notified',
    ]);
    expect(evaluated).toMatchObject({ events: 1, failed: 0, notifications: [{ tenantId }] });
    expect(await countOf(db, 'notification_history', tenantId)).toBe(1);
    const rows = await decisionsOf(db, tenantId);
    expect(rows.map((row) => row.notification_id)).toEqual([
      null,
      null,
      null,
      evaluated?.notifications[0]?.notificationId,
    ]);
  });

  test('is evaluated once, however often it is enqueued', async () => {
    const tenantId = await makeTenantWithRule();
    const first = await evaluate(db, tenantId, [food('a', 8000n)]);
    const again = await Promise.all(
      [1, 2, 3].map(() =>
        evaluateBatches(db, { batchIds: [first?.batchId ?? ''], tenantIds: [tenantId] }, start, hashPerson),
      ),
    );
    expect(again).toMatchObject(again.map(() => ({ events: 0, failed: 0, notifications: [], outcomes: [] })));
    expect(await readStory(tenantId)).toEqual(['80 notified']);
  });

  test('keeps several tenants apart, even with the same ids', async () => {
    const [one, other] = [await makeTenantWithRule(), await makeTenantWithRule()];
    const events = [incoming(one, food('a', 8000n)), incoming(other, food('a', 10_000n))];
    const { batch } = await storeEvents(db, randomUUIDv7(), events, start);
    await evaluateBatches(
      db,
      { batchIds: [batch?.batchId ?? ''], tenantIds: [one, other] },
      start,
      hashPerson,
    );
    expect(await readStory(one)).toEqual(['80 notified']);
    expect(await readStory(other)).toEqual(['80 superseded', '95 superseded', '100 notified']);
  });
});

test('a batch waits while the database reports an error, and is applied afterwards without failed events', async () => {
  const tenantId = await makeTenant(db, ['p01']);
  const events = [incoming(tenantId, food('a', 8000n)), incoming(tenantId, food('b', 100n))];
  const { batch } = await storeEvents(db, randomUUIDv7(), events, start);
  const batches = { batchIds: [batch?.batchId ?? ''], tenantIds: [tenantId] };
  await statement`revoke insert on expenses from spendwatch_service`.execute(database.sql);
  await expect(evaluateBatches(db, batches, start, hashPerson)).rejects.toThrow('permission denied');
  await statement`grant insert on expenses to spendwatch_service`.execute(database.sql);
  expect(await evaluateBatches(db, batches, start, hashPerson)).toMatchObject({ events: 2, failed: 0 });
});

describe('a poisoned event', () => {
  beforeAll(async () => {
    await statement`
      create function refuse_poison() returns trigger language plpgsql as $$
      begin
        if new.id = 'poison' then raise exception 'this expense cannot be stored'; end if;
        return new;
      end $$`.execute(database.sql);
    await statement`
      create trigger refuse_poison before insert or update on expenses
      for each row execute function refuse_poison()`.execute(database.sql);
  });

  const readStatus = (tenantId: string, id: string) =>
    readEventStatus(database.sql, { tenantId, source: 'api', id });

  test.each([0, 3, 6])('at index %i of seven fails alone, with its error', async (place) => {
    const tenantId = await makeTenantWithRule();
    const events = Array.from({ length: 7 }, (_, index) =>
      food(index === place ? 'poison' : `x${index}`, 1000n),
    );
    expect(await evaluate(db, tenantId, events)).toMatchObject({ events: 7, failed: 1 });
    expect(await readStatus(tenantId, 'evt-poison')).toMatchObject({
      status: 'failed',
      // Its sender may read it, so it does not quote the database.
      error: 'the database refuses it (SQLSTATE P0001)',
    });
    const others = events.filter(({ expenseId }) => expenseId !== 'poison');
    const ends = await Promise.all(others.map(({ id }) => readStatus(tenantId, id)));
    expect(ends.map((end) => end?.status)).toEqual(others.map(() => 'applied'));
    const { rows } = await statement<{ spent_minor: string }>`
      select spent_minor from rule_spend where tenant_id = ${tenantId}`.execute(database.sql);
    expect(rows).toEqual([{ spent_minor: '6000' }]);
    expect(await countOf(db, 'expenses', tenantId)).toBe(6);
  });

  test('fails beside another poisoned one, and neither opens a level', async () => {
    const tenantId = await makeTenantWithRule();
    const events = [
      food('a', 4000n),
      food('poison', 90_000n),
      { ...food('poison', 95_000n), id: 'evt-poison-2' },
      food('b', 4000n),
    ];
    expect(await evaluate(db, tenantId, events)).toMatchObject({ events: 4, failed: 2 });
    expect(await readStory(tenantId)).toEqual(['80 notified']);
  });
});

describe('two processes whose clocks differ', () => {
  test('alert in a period that one has opened and that begins in a moment for the other', async () => {
    const tenantId = await makeTenant(db, ['p01']);
    const draft = draftOf({ period: 'daily', budgetMinor: 5000n });
    await createRule(db, { tenantId, userId: 'p01' }, draft, start);
    const midnight = Temporal.Instant.from('2026-11-01T00:00:00Z');
    await runPeriodJobs(db, tenantId, midnight.add({ milliseconds: 500 }));
    const expense = food('late', 20_000n, { spentAt: midnight.add({ seconds: 1 }) });
    await evaluate(db, tenantId, [expense], midnight.subtract({ seconds: 2 }));
    expect(await readStory(tenantId)).toContain('150 notified');
  });

  test('do not alert before a period begins', async () => {
    const tenantId = await makeTenant(db, ['p01']);
    await createRule(db, { tenantId, userId: 'p01' }, draftOf({ period: 'daily' }), start);
    const midnight = Temporal.Instant.from('2026-11-01T00:00:00Z');
    const expense = food('early', 20_000n, { spentAt: midnight.add({ seconds: 1 }) });
    await evaluate(db, tenantId, [expense], midnight.subtract({ seconds: 2 }));
    expect(await readStory(tenantId)).toEqual([]);
    await runPeriodJobs(db, tenantId, midnight);
    expect(await readStory(tenantId)).toContain('150 notified');
  });
});
