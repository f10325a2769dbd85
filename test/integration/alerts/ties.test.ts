/** Events of one expense at one time: the last one stays, whatever the inbox has forgotten and whoever wrote the row. */
import { randomUUIDv7 } from 'node:crypto';
import * as fc from 'fast-check';
import { sql as statement } from 'kysely';
import { describe, expect, test } from 'vitest';
import { evaluateBatches } from '../../../src/alerts/evaluate/evaluate-batches.ts';
import { storeEvents } from '../../../src/ingest/sql/store-events.ts';
import { compareCodePoints } from '../../../src/values/code-points.ts';
import type { ModelEvent } from '../../support/reference/reference-model.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import { evaluate, hashPerson, incoming, makeTenant, start } from '../../support/worlds/alerts/batches.ts';

const database = await databaseOfFile();
const { db } = database;

const food = (id: string, amountMinor: bigint, changes: Partial<ModelEvent> = {}): ModelEvent => ({
  id,
  time: start,
  expenseId: 'x',
  expense: { userId: 'p01', categoryId: 'food', amountMinor, currency: 'USD', spentAt: start },
  ...changes,
});

async function amountOf(tenantId: string): Promise<string | null | undefined> {
  const { rows } = await statement<{ amount: string | null; spent: string }>`
    select amount_minor::text as amount, (
      select coalesce(sum(amount_minor), 0)::text from daily_spend d where d.tenant_id = x.tenant_id
    ) as spent
    from expenses x where tenant_id = ${tenantId} and id = 'x'`.execute(database.sql);
  expect(rows[0]?.spent).toBe(rows[0]?.amount ?? '0');
  return rows[0]?.amount;
}

/** As retention does after 90 days. */
const forget = (tenantId: string) =>
  statement`with old as (delete from event_batches where tenant_id = ${tenantId})
    delete from events where tenant_id = ${tenantId}`.execute(database.sql);

describe('an event that comes again after the inbox has forgotten it', () => {
  test.each([
    ['in batches of their own', 1],
    ['in one batch', 3],
  ])('changes nothing, if the others of its time came %s', async (_name, size) => {
    const tenantId = await makeTenant(db, ['p01']);
    const events = [food('1', 100n), food('2', 200n), food('3', 300n)];
    const batches = Array.from({ length: events.length / size }, (_, index) =>
      events.slice(index * size, (index + 1) * size),
    );
    for (const batch of batches) await evaluate(db, tenantId, batch);
    for (const old of [...events, food('2', 999n)]) {
      await forget(tenantId);
      await evaluate(db, tenantId, [old]);
      expect(await amountOf(tenantId)).toBe('300');
    }
    await evaluate(db, tenantId, [food('4', 400n)]);
    expect(await amountOf(tenantId)).toBe('400');
  });

  test('does not bring back an expense that was deleted at the same time', async () => {
    const tenantId = await makeTenant(db, ['p01']);
    await evaluate(db, tenantId, [food('1', 100n)]);
    await evaluate(db, tenantId, [food('2', 0n, { expense: null })]);
    await forget(tenantId);
    await evaluate(db, tenantId, [food('1', 100n), food('3', 300n, { isUpdate: true, sequence: '9' })]);
    expect(await amountOf(tenantId)).toBeNull();
  });
});

describe('the event received later', () => {
  test('wins, though its batch is evaluated first', async () => {
    const tenantId = await makeTenant(db, ['p01']);
    const batchIds: string[] = [];
    for (const [id, amount] of [
      ['z', 100n],
      ['a', 200n],
    ] as const) {
      const { batch } = await storeEvents(db, randomUUIDv7(), [incoming(tenantId, food(id, amount))], start);
      batchIds.unshift(batch?.batchId ?? '');
    }
    // A batch of more than 64 events is claimed only if it is named.
    await statement`update event_batches set event_count = 65 where tenant_id = ${tenantId}`.execute(
      database.sql,
    );
    for (const batchId of batchIds) {
      const { events } = await evaluateBatches(
        db,
        { batchIds: [batchId], tenantIds: [tenantId] },
        start,
        hashPerson,
      );
      expect(events).toBe(1);
      expect(await amountOf(tenantId)).toBe('200');
    }
  });

  test('is the last of ten thousand at one time, of which 16 stay known', async () => {
    const tenantId = await makeTenant(db, ['p01']);
    const events = Array.from({ length: 10_000 }, (_, index) => food(`e${index}`, BigInt(index + 1)));
    await evaluate(db, tenantId, events.slice(0, 9000));
    await evaluate(db, tenantId, events.slice(9000));
    expect(await amountOf(tenantId)).toBe('10000');
    await forget(tenantId);
    await evaluate(db, tenantId, events.slice(-16).toReversed());
    expect(await amountOf(tenantId)).toBe('10000');
  });
});

describe('an expense that a process of the version before has written', () => {
  /** Such a process sets none of the new columns. */
  const overwrite = (tenantId: string, id: string, amountMinor: bigint) =>
    statement`
      with old as (
        update expenses set event_id = ${id}, amount_minor = ${amountMinor} where tenant_id = ${tenantId} and id = 'x'
      )
      update daily_spend set amount_minor = ${amountMinor} where tenant_id = ${tenantId}`.execute(
      database.sql,
    );

  test('is not compared by what belongs to the event before', async () => {
    const tenantId = await makeTenant(db, ['p01']);
    await evaluate(db, tenantId, [food('1', 100n), food('2', 200n, { isUpdate: true, sequence: '9' })]);
    await overwrite(tenantId, '3', 300n);
    await evaluate(db, tenantId, [food('4', 400n)]);
    expect(await amountOf(tenantId)).toBe('400');
  });

  test('has the type that the inbox says', async () => {
    const tenantId = await makeTenant(db, ['p01']);
    await evaluate(db, tenantId, [food('1', 100n), food('2', 200n, { isUpdate: true })]);
    await statement`update expenses set event_type = null, event_number = null, tied_events = null`.execute(
      database.sql,
    );
    await evaluate(db, tenantId, [food('3', 300n)]);
    expect(await amountOf(tenantId)).toBe('200');
    await evaluate(db, tenantId, [food('4', 400n, { isUpdate: true })]);
    expect(await amountOf(tenantId)).toBe('400');
  });

  test('keeps what it knows when another column changes', async () => {
    const tenantId = await makeTenant(db, ['p01']);
    await evaluate(db, tenantId, [food('1', 100n, { isUpdate: true })]);
    await statement`update expenses set day = day where tenant_id = ${tenantId}`.execute(database.sql);
    const { rows } = await statement`select event_type from expenses where tenant_id = ${tenantId}`.execute(
      database.sql,
    );
    expect(rows).toEqual([{ event_type: 'expense.updated' }]);
  });
});

test('texts have the order that PostgreSQL gives them by code points', async () => {
  const texts = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), {
    numRuns: 500,
    seed: 7,
  });
  const different = [...new Set([...texts, '\u{ffff}', '\u{10000}', '\u{e000}'])].filter(
    (text) => !text.includes('\0'),
  );
  const { rows } = await statement<{ text: string }>`
    select text from unnest(${different}::text[]) as given (text) order by text collate "C"`.execute(
    database.sql,
  );
  expect(different.toSorted(compareCodePoints)).toEqual(rows.map(({ text }) => text));
});
