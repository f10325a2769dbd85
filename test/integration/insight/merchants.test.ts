/** Merchants with ids: which expenses take the id that a name stands for, and how profiles group them. */
import { sql as statement } from 'kysely';
import { describe, expect, test } from 'vitest';
import { rebuildProfile } from '../../../src/insight/profiles/rebuild-profile.ts';
import type { ExpenseFacts } from '../../../src/alerts/decide/apply-events.ts';
import { evaluateBatches } from '../../../src/alerts/evaluate/evaluate-batches.ts';
import type { IncomingEvent } from '../../../src/ingest/decide/event.ts';
import { storeEvents } from '../../../src/ingest/sql/store-events.ts';
import { randomUUIDv7 } from 'node:crypto';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import { hashPerson, incoming, makeTenant, start } from '../../support/worlds/alerts/batches.ts';

const database = await databaseOfFile();
const { db } = database;

type Bought = {
  merchant: string | null;
  id?: string;
  source?: string;
  amount?: bigint;
  kind?: ExpenseFacts['kind'];
};

let made = 0;

function bought(
  tenantId: string,
  { merchant, id, source = 'api', amount = 100n, kind = 'purchase' }: Bought,
): IncomingEvent {
  const expenseId = `x${String((made += 1)).padStart(4, '0')}`;
  const money = { amountMinor: amount, currency: 'USD', spentAt: start };
  const expense = { userId: 'p01', categoryId: 'food', kind, ...money };
  const event = incoming(tenantId, { id: expenseId, time: start, expenseId, expense });
  const merchantRef: ExpenseFacts['merchantRef'] = id === undefined ? null : { source, id };
  return { ...event, source, expense: event.expense && { ...event.expense, merchant, merchantRef } };
}

/** `isEdited`: the expense was there before, so that it is evaluated one by one. */
async function buy(tenantId: string, isEdited: boolean, ...all: Bought[]): Promise<void> {
  const events = all.map((each) => bought(tenantId, each));
  const creations = events.map((event) =>
    bare({ ...event, id: `${event.id} 0`, time: start.subtract({ minutes: 1 }) }),
  );
  for (const batch of isEdited ? [creations, events] : [events]) {
    const stored = await storeEvents(db, randomUUIDv7(), batch, start);
    const batchIds = [stored.batch?.batchId ?? ''];
    const { evaluated } = await evaluateBatches(db, { batchIds, tenantIds: [tenantId] }, start, hashPerson);
    expect(evaluated).toBe(batch === events && isEdited ? events.length : 0);
  }
}

const bare = (event: IncomingEvent): IncomingEvent => ({
  ...event,
  expense: event.expense && { ...event.expense, merchant: null, merchantRef: null },
});

async function readMerchants(tenantId: string): Promise<string[]> {
  const { rows } = await statement<{ row: string }>`
    select concat_ws(' ', coalesce(merchant, '-'), merchant_source, merchant_id) as row
    from expenses where tenant_id = ${tenantId} order by id`.execute(database.sql);
  return rows.map(({ row }) => row);
}

async function readNames(tenantId: string): Promise<string[]> {
  const { rows } = await statement<{ row: string }>`
    select concat_ws(' ', name, source, merchant_id) as row
    from merchant_names where tenant_id = ${tenantId} order by 1`.execute(database.sql);
  return rows.map(({ row }) => row);
}

describe.each([
  ['on the fast path', false],
  ['evaluated one by one', true],
])('an expense %s', (_name, isEdited) => {
  test('takes the only id that its name stands for, and keeps what it has', async () => {
    const tenantId = await makeTenant(db, ['p01']);
    await buy(tenantId, isEdited, { merchant: 'Shop' });
    await buy(tenantId, isEdited, { merchant: 'Shop', id: 'm1' });
    await buy(tenantId, isEdited, { merchant: 'Shop' }, { merchant: 'SHOP' }, { merchant: null });
    await buy(tenantId, isEdited, { merchant: 'Shop', id: 'm1', source: 'bank' });
    await buy(tenantId, isEdited, { merchant: 'Shop' }, { merchant: 'Shop', id: 'm1' });
    expect(await readMerchants(tenantId)).toEqual([
      'Shop',
      'Shop api m1',
      'Shop api m1',
      'SHOP',
      '-',
      'Shop bank m1',
      'Shop',
      'Shop api m1',
    ]);
    expect(await readNames(tenantId)).toEqual(['Shop api m1', 'Shop bank m1']);
  });

  test('gives an id no name of more than a thousand bytes', async () => {
    const tenantId = await makeTenant(db, ['p01']);
    const [long, longest] = ['é'.repeat(500), '\u{10000}'.repeat(500)];
    await buy(
      tenantId,
      isEdited,
      { merchant: long, id: 'm1' },
      { merchant: longest, id: '\u{10000}'.repeat(128) },
    );
    expect(await readNames(tenantId)).toEqual([`${long} api m1`]);
  });

  test('takes no id from the names of another tenant', async () => {
    const [tenantId, other] = [await makeTenant(db, ['p01']), await makeTenant(db, ['p01'])];
    await buy(other, isEdited, { merchant: 'Shop', id: 'm1' });
    await buy(tenantId, isEdited, { merchant: 'Shop' });
    expect(await readMerchants(tenantId)).toEqual(['Shop']);
  });
});

test('a profile groups by ids, and by cleaned names where there are none, and leaves transfers out', async () => {
  const tenantId = await makeTenant(db, ['p01']);
  await buy(
    tenantId,
    false,
    { merchant: 'AMZN Mktp', id: 'm1', amount: 500n },
    { merchant: 'Amazon', id: 'm1', amount: 400n },
    { merchant: 'Amazon', id: 'm2', amount: 300n },
    { merchant: null, id: 'm3', amount: 200n },
    { merchant: 'Corner 12', amount: 50n },
    { merchant: 'CORNER', amount: 40n },
    { merchant: 'Corner', amount: 9000n, kind: 'transfer' },
  );
  const { rows: stale } = await statement<{ id: string }>`
    select id from stale_profiles where tenant_id = ${tenantId}`.execute(database.sql);
  await rebuildProfile(db, { tenantId, profileId: stale[0]?.id ?? '' }, start);
  const { rows } = await statement<{ merchants: { name: string; spentMinor: string }[] }>`
    select merchants from merchant_consolidation_analysis where tenant_id = ${tenantId}`.execute(
    database.sql,
  );
  expect(rows[0]?.merchants.map(({ name, spentMinor }) => `${name} ${spentMinor}`)).toEqual([
    'Amazon 900',
    'Amazon 300',
    'm3 200',
    'Corner 12 90',
  ]);
});
