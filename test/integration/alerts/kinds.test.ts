/** Transfers and pending expenses, and expenses that replace others: what they do to sums, levels and rows. */
import { hash, randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import { describe, expect, test } from 'vitest';
import { evaluateBatches } from '../../../src/alerts/evaluate/evaluate-batches.ts';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { compareSpending } from '../../../src/alerts/spending/compare-spending.ts';
import { rebuildSpending } from '../../../src/alerts/spending/rebuild-spending.ts';
import { readEventStatus } from '../../../src/ingest/sql/read-event-status.ts';
import { storeEvents } from '../../../src/ingest/sql/store-events.ts';
import type { ModelEvent } from '../../support/reference/reference-model.ts';
import type { ModelExpense } from '../../support/reference/reference-scope.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import {
  countOf,
  decisionsOf,
  draftOf,
  evaluate,
  hashPerson,
  incoming,
  makeTenant,
  start,
} from '../../support/worlds/alerts/batches.ts';
import { movePerson } from '../../support/worlds/move-person.ts';

const database = await databaseOfFile();
const { db } = database;

/** Two people, of whom the first has a rule of 100.00 with the default levels. */
async function makeTenantWithRule(): Promise<string> {
  const tenantId = await makeTenant(db, ['p01', 'p02']);
  await createRule(db, { tenantId, userId: 'p01' }, draftOf({}), start);
  return tenantId;
}

let made = 0;

/** `minute`: orders the events of an expense. */
const food = (
  expenseId: string,
  amountMinor: bigint,
  {
    minute = 0,
    replaces = null,
    ...changes
  }: Partial<ModelExpense> & { minute?: number; replaces?: string | null } = {},
): ModelEvent => ({
  id: `evt-${(made += 1)}`,
  time: start.add({ minutes: minute }),
  expenseId,
  replaces,
  expense: { userId: 'p01', categoryId: 'food', amountMinor, currency: 'USD', spentAt: start, ...changes },
});

const readStory = async (tenantId: string): Promise<string[]> =>
  (await decisionsOf(db, tenantId)).map(({ level, outcome }) => `${level} ${outcome}`);

async function readSums(tenantId: string) {
  const { rows } = await statement<{ days: string; rule: string; expenses: string }>`
    select (select coalesce(sum(amount_minor), 0) from daily_spend d where d.tenant_id = t.id)::text
        || ' of ' || (select coalesce(sum(expense_count), 0) from daily_spend d where d.tenant_id = t.id) as days,
      (select coalesce(sum(spent_minor), 0) from rule_spend k where k.tenant_id = t.id)::text as rule,
      (
        select coalesce(string_agg(concat_ws(' ', id, user_id, kind, status, day), ', ' order by id), '')
        from expenses e where e.tenant_id = t.id
      ) as expenses
    from tenants t where t.id = ${tenantId}`.execute(database.sql);
  expect(await compareSpending(database.sql, tenantId)).toEqual([]);
  return rows[0];
}

const day = '2026-10-31';

describe('a transfer', () => {
  test('is kept, counts nowhere, and stays on the fast path', async () => {
    const tenantId = await makeTenantWithRule();
    const events = [
      food('a', 1000n),
      food('t', 50_000n, { kind: 'transfer' }),
      food('b', 500n, { kind: 'fee' }),
    ];
    expect(await evaluate(db, tenantId, events)).toMatchObject({ events: 3, evaluated: 0 });
    expect(await readSums(tenantId)).toEqual({
      days: '1500 of 2',
      rule: '1500',
      expenses: `a p01 ${day}, b p01 fee ${day}, t p01 transfer`,
    });
    expect(await readStory(tenantId)).toEqual([]);
  });

  test('turns into a purchase and back by updates, and levels open and resolve as by any edit', async () => {
    const tenantId = await makeTenantWithRule();
    await evaluate(db, tenantId, [food('a', 8000n, { kind: 'transfer' })]);
    await evaluate(db, tenantId, [food('a', 8000n, { minute: 1 })]);
    expect(await readStory(tenantId)).toEqual(['80 notified']);
    expect(await readSums(tenantId)).toMatchObject({
      days: '8000 of 1',
      rule: '8000',
      expenses: `a p01 ${day}`,
    });
    await evaluate(db, tenantId, [food('a', 8000n, { minute: 2, kind: 'transfer' })]);
    expect(await readStory(tenantId)).toEqual(['80 notified', '80 resolved']);
    expect(await readSums(tenantId)).toMatchObject({ days: '0 of 0', rule: '0', expenses: 'a p01 transfer' });
  });

  test('stays out when sums are rebuilt and days move to another time zone', async () => {
    const tenantId = await makeTenantWithRule();
    await evaluate(db, tenantId, [food('a', 1000n), food('t', 9000n, { kind: 'transfer', currency: 'EUR' })]);
    const person = { tenantId, userId: 'p01' };
    await rebuildSpending(db, [person], start);
    await movePerson(db, person, 'Pacific/Kiritimati', start);
    expect(await readSums(tenantId)).toEqual({
      days: '1000 of 1',
      rule: '1000',
      expenses: 'a p01 2026-11-01, t p01 transfer',
    });
    expect(await readStory(tenantId)).toEqual([]);
  });
});

describe('a pending expense', () => {
  test('counts, and its posted form under the same id lets no level fall and rise', async () => {
    const tenantId = await makeTenantWithRule();
    await evaluate(db, tenantId, [food('a', 8000n, { status: 'pending' })]);
    await evaluate(db, tenantId, [food('a', 8100n, { minute: 1 })]);
    expect(await readStory(tenantId)).toEqual(['80 notified']);
    expect(await readSums(tenantId)).toEqual({ days: '8100 of 1', rule: '8100', expenses: `a p01 ${day}` });
    expect(await countOf(db, 'notification_history', tenantId)).toBe(1);
  });

  test.each([['in a batch of its own'], ['in the batch of both']])(
    'is replaced by its posted form under another id %s, and no level falls and rises',
    async (name) => {
      const tenantId = await makeTenantWithRule();
      const pending = food('a', 8000n, { status: 'pending' });
      const posted = food('b', 8100n, { minute: 1, replaces: 'a' });
      if (name === 'in the batch of both') await evaluate(db, tenantId, [pending, posted]);
      else for (const each of [pending, posted]) await evaluate(db, tenantId, [each]);
      expect(await readStory(tenantId)).toEqual(['80 notified']);
      expect(await readSums(tenantId)).toEqual({
        days: '8100 of 1',
        rule: '8100',
        expenses: `a, b p01 ${day}`,
      });
      expect(await countOf(db, 'notification_history', tenantId)).toBe(1);
    },
  );

  test('that comes after the posted form that replaces it changes nothing', async () => {
    const tenantId = await makeTenantWithRule();
    await evaluate(db, tenantId, [food('b', 8100n, { minute: 1, replaces: 'a' })]);
    await evaluate(db, tenantId, [food('a', 8000n, { status: 'pending' })]);
    expect(await readSums(tenantId)).toEqual({
      days: '8100 of 1',
      rule: '8100',
      expenses: `a, b p01 ${day}`,
    });
    expect(await readStory(tenantId)).toEqual(['80 notified']);
  });
});

describe('an event that replaces an expense', () => {
  const statusOf = (tenantId: string, { id }: ModelEvent) =>
    readEventStatus(database.sql, { tenantId, source: 'api', id });

  test('of another person fails with a reason, changes nothing, and costs the others of its batch nothing', async () => {
    const tenantId = await makeTenantWithRule();
    await evaluate(db, tenantId, [food('theirs', 3000n, { userId: 'p02' })]);
    const wrong = food('b', 9000n, { minute: 1, replaces: 'theirs' });
    const others = [food('c', 1000n), food('d', 500n, { minute: 1 })] as const;
    const evaluated = await evaluate(db, tenantId, [others[0], wrong, others[1]]);
    expect(evaluated).toMatchObject({ events: 3, failed: 1 });
    expect(await statusOf(tenantId, wrong)).toEqual({
      status: 'failed',
      appliedAt: start.toString(),
      error: 'the expense that data.replaces names belongs to another person',
    });
    for (const other of others) expect(await statusOf(tenantId, other)).toMatchObject({ status: 'applied' });
    expect(await readSums(tenantId)).toEqual({
      days: '4500 of 3',
      rule: '1500',
      expenses: `c p01 ${day}, d p01 ${day}, theirs p02 ${day}`,
    });
  });

  test('goes by the order of the inbox where the expense is another person’s and new in the same batch', async () => {
    const [first, last] = [await makeTenantWithRule(), await makeTenantWithRule()];
    const [wrong, theirs] = [
      food('b', 1000n, { minute: 1, replaces: 'theirs' }),
      food('theirs', 3000n, { userId: 'p02' }),
    ];
    await evaluate(db, first, [wrong, theirs]);
    expect(await readSums(first)).toMatchObject({ days: '1000 of 1', expenses: `b p01 ${day}, theirs` });
    expect(await evaluate(db, last, [theirs, wrong])).toMatchObject({ failed: 1 });
    expect(await readSums(last)).toMatchObject({ days: '3000 of 1', expenses: `theirs p02 ${day}` });
  });

  test('is one transaction: where its own expense cannot be stored the other stays', async () => {
    await statement`
      create function refuse_poison() returns trigger language plpgsql as $$
      begin
        if new.id = 'poison' then raise exception 'this expense cannot be stored'; end if;
        return new;
      end $$`.execute(database.sql);
    await statement`
      create trigger refuse_poison before insert on expenses
      for each row execute function refuse_poison()`.execute(database.sql);
    const tenantId = await makeTenantWithRule();
    await evaluate(db, tenantId, [food('a', 8000n)]);
    const poison = food('poison', 100n, { minute: 1, replaces: 'a' });
    expect(await evaluate(db, tenantId, [poison])).toMatchObject({ failed: 1 });
    expect(await readSums(tenantId)).toEqual({ days: '8000 of 1', rule: '8000', expenses: `a p01 ${day}` });
    expect(await readStory(tenantId)).toEqual(['80 notified']);
  });

  test('ends the same as its twins at the same moment, on as many connections', async () => {
    const tenantId = await makeTenantWithRule();
    for (let round = 0; round < 10; round += 1) {
      const pending = `pending ${round}`;
      // Of every second one nothing is stored before.
      if (round % 2 === 0) await evaluate(db, tenantId, [food(pending, 100n)]);
      const twins = [1, 2, 3, 4].map((twin) =>
        food(`posted ${round} ${twin}`, 10n, { minute: 1, replaces: pending }),
      );
      const batches = await Promise.all(
        twins.map((twin) => storeEvents(db, randomUUIDv7(), [incoming(tenantId, twin)], start)),
      );
      const ended = await Promise.all(
        batches.map(({ batch }) =>
          evaluateBatches(db, { batchIds: [batch?.batchId ?? ''], tenantIds: [tenantId] }, start, hashPerson),
        ),
      );
      expect(ended.map(({ failed }) => failed)).toEqual([0, 0, 0, 0]);
      expect(await readSums(tenantId)).toMatchObject({
        days: `${40 * (round + 1)} of ${4 * (round + 1)}`,
        rule: `${40 * (round + 1)}`,
      });
    }
  });
});

describe('an event stored before there were kinds', () => {
  const plainBody = ({ type, time, expenseId, expense }: ReturnType<typeof incoming>): string =>
    JSON.stringify([
      type,
      time.toString(),
      expenseId,
      expense?.userId,
      expense?.categoryId,
      expense?.currency,
      expense?.amountMinor.toString(),
      expense?.spentAt.toString(),
      JSON.stringify([expense?.merchant, expense?.description]),
    ]);

  test('has the fingerprint that it would have now, and another one only with a kind that says something', async () => {
    const tenantId = await makeTenant(db, ['p01']);
    const event = incoming(tenantId, food('a', 100n));
    await storeEvents(db, randomUUIDv7(), [event], start);
    const { rows } = await statement<{ fingerprint: string }>`
      select encode(fingerprint, 'hex') as fingerprint from events where tenant_id = ${tenantId}`.execute(
      database.sql,
    );
    expect(rows).toEqual([{ fingerprint: hash('sha256', plainBody(event), 'hex') }]);
    const merchantRef = { source: 'api', id: 'm' };
    for (const changes of [
      { kind: 'fee' },
      { status: 'pending' },
      { merchantRef },
      { mcc: '5411' },
    ] as const) {
      const other = { ...event, expense: event.expense && { ...event.expense, ...changes } };
      expect(await storeEvents(db, randomUUIDv7(), [other], start)).toMatchObject({ results: ['id_reused'] });
    }
    expect(await storeEvents(db, randomUUIDv7(), [{ ...event, replaces: 'b' }], start)).toMatchObject({
      results: ['id_reused'],
    });
    expect(await storeEvents(db, randomUUIDv7(), [event], start)).toMatchObject({ results: ['duplicate'] });
  });
});
