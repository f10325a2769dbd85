/** Rows that come again: in a longer file, booked at last, corrected, or imported by an earlier version. */
import { createHash } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { killOutright, ServiceProcess } from '../../support/servers/processes.ts';
import { ImportWorld, lines } from '../../support/worlds/statements/import-world.ts';

let world: ImportWorld;
beforeAll(async () => {
  world = await ImportWorld.start();
});
afterAll(() => world.stop());

const plainHeader = 'user,category,date,merchant,amount';

describe('a row that comes again', () => {
  test('is known whatever the bank adds to it: a payment pending and then booked is one expense', async () => {
    const tenantId = await world.createTenant();
    const pending = await world.write(
      'pending.csv',
      lines(
        `${plainHeader},state,balance`,
        'u1,f,2026-11-03,A,30.00,PENDING,',
        'u1,f,2026-11-02,B,10.00,COMPLETED,90',
      ),
    );
    const booked = await world.write(
      'booked.csv',
      lines(
        `${plainHeader},state,balance`,
        'u1,f,2026-11-03,A,30.00,COMPLETED,60',
        'u1,f,2026-11-02,B,10.00,COMPLETED,91',
      ),
    );
    expect(await world.importFile(pending, tenantId)).toMatchObject({ accepted: 1, leftOut: { pending: 1 } });
    expect(await world.importFile(booked, tenantId)).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(await world.spentIn(tenantId)).toEqual({ sum: 4000, expenses: 2 });
  });

  test('counts each of two equal payments once, whatever parts of a day the files have', async () => {
    const tenantId = await world.createTenant();
    const row = 'u1,coffee,2026-11-03,Bean,4.50';
    const part = await world.write('part.csv', lines(plainHeader, row, row));
    const whole = await world.write(
      'whole.csv',
      lines(plainHeader, row, row, row, 'u1,coffee,2026-11-03,Kiosk,2.00'),
    );
    expect(await world.importFile(part, tenantId)).toMatchObject({ accepted: 2 });
    expect(await world.importFile(whole, tenantId)).toMatchObject({ accepted: 2, duplicates: 2 });
    expect(await world.importFile(whole, tenantId)).toMatchObject({ accepted: 0, duplicates: 4 });
    expect(await world.spentIn(tenantId)).toEqual({ sum: 1550, expenses: 4 });
  });

  test.each(['id', '--key'])(
    'with another amount corrects the expense of the same %s, for good',
    async (by) => {
      const tenantId = await world.createTenant();
      const options = by === 'id' ? [] : ['--key', 'reference'];
      const header = `${by === 'id' ? 'id' : 'reference'},${plainHeader}`;
      const rows = Array.from(
        { length: 8 },
        (_, index) => `tx-${index},u1,food,2026-11-03,Bean ${index},30.00`,
      );
      const first = await world.write('first.csv', lines(header, ...rows));
      const second = await world.write(
        'second.csv',
        lines(header, ...rows.map((row) => row.replace('30.00', '31.50'))),
      );
      expect(await world.importFile(first, tenantId, ...options)).toMatchObject({ accepted: 8 });
      expect(await world.importFile(second, tenantId, ...options)).toMatchObject({ accepted: 8 });
      expect(await world.spentIn(tenantId)).toEqual({ sum: 8 * 3150, expenses: 8 });
      expect(new Set(await world.columnOf(tenantId, 'time')).size).toBe(1);
      // The files come again: neither the old one nor the new one changes anything.
      expect(await world.importFile(first, tenantId, ...options)).toMatchObject({
        accepted: 0,
        duplicates: 8,
      });
      expect(await world.importFile(second, tenantId, ...options)).toMatchObject({
        accepted: 0,
        duplicates: 8,
      });
      expect(await world.spentIn(tenantId)).toEqual({ sum: 8 * 3150, expenses: 8 });
    },
  );

  test('under the same id in the file of another account is another expense', async () => {
    const tenantId = await world.createTenant();
    const file = (name: string, amount: string) =>
      world.write(name, lines(`id,${plainHeader}`, `1,u1,food,2026-11-03,A,${amount}`));
    await world.importFile(await file('giro.csv', '20.00'), tenantId, '--account', 'giro');
    await world.importFile(await file('visa.csv', '30.00'), tenantId, '--account', 'visa');
    expect(await world.spentIn(tenantId)).toEqual({ sum: 5000, expenses: 2 });
    expect(
      await world.importFile(await file('giro.csv', '20.00'), tenantId, '--account', 'giro'),
    ).toMatchObject({
      duplicates: 1,
    });
    // Equal payments without an id, too.
    const plain = await world.write('plain.csv', lines(plainHeader, 'u1,food,2026-11-03,A,1.00'));
    await world.importFile(plain, tenantId, '--account', 'giro');
    await world.importFile(plain, tenantId, '--account', 'visa');
    expect(await world.spentIn(tenantId)).toEqual({ sum: 5200, expenses: 4 });
  });
});

describe('a row whose expense is known', () => {
  let worker: ServiceProcess;
  beforeAll(async () => {
    worker = await ServiceProcess.start('worker', world.settings);
    await worker.logged('started');
  });
  afterAll(() => killOutright(worker, []));

  const header = `id,${plainHeader},state`;
  const row = (day: string, state = 'COMPLETED'): string => `tx,u1,food,2026-11-${day},A,10.00,${state}`;
  const importRows = async (tenantId: string, ...rows: string[]) => {
    const imported = await world.importFile(await world.write('known.csv', lines(header, ...rows)), tenantId);
    await world.applied(tenantId);
    return imported;
  };

  test('as booked and is then reverted ends it, and the older file does not bring it back', async () => {
    const tenantId = await world.createTenant();
    await importRows(tenantId, row('03'));
    expect(await world.spentIn(tenantId)).toEqual({ sum: 1000, expenses: 1 });
    await importRows(tenantId, row('03', 'REVERTED'));
    expect(await world.spentIn(tenantId)).toEqual({ sum: 0, expenses: 0 });
    expect(await importRows(tenantId, row('03', 'REVERTED'))).toMatchObject({ accepted: 0 });
    expect(await importRows(tenantId, row('03'))).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await world.spentIn(tenantId)).toEqual({ sum: 0, expenses: 0 });
  });

  test('and moves it to an earlier day wins too, each time that it comes', async () => {
    const tenantId = await world.createTenant();
    await importRows(tenantId, row('04'));
    expect(await importRows(tenantId, row('03'))).toMatchObject({ accepted: 1 });
    expect(await importRows(tenantId, row('03'))).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await importRows(tenantId, row('04'))).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(new Set(await world.columnOf(tenantId, 'time')).size).toBe(1);
    expect((await world.columnOf(tenantId, 'spent_at')).at(-1)).toBe('2026-11-03 11:00:00+00');
  });
});

describe('rows that an earlier version imported', () => {
  /** The ids of earlier versions: the hash of every column, and which one of its like the row is. */
  const formerIds = (rows: readonly string[]): string[] => {
    const counts = new Map<string, number>();
    return rows.map((row) => {
      const hash = createHash('sha256')
        .update(JSON.stringify(row.split(',')))
        .digest('hex')
        .slice(0, 32);
      counts.set(hash, (counts.get(hash) ?? 0) + 1);
      return `${hash}-${counts.get(hash)}`;
    });
  };
  const rows = [
    'u1,food,2026-11-03,Bean,4.50,90',
    'u1,food,2026-11-03,Bean,4.50,90',
    'u1,food,2026-11-04,Kiosk,2.00,88',
  ];
  const header = `${plainHeader},balance`;

  /** Posts what an earlier version made of the rows. */
  async function postFormerly(tenantId: string): Promise<void> {
    const ids = formerIds(rows);
    const bodies = rows.map((each, index) => {
      const [userId, categoryId, day, merchant, amount] = each.split(',');
      const time = Temporal.PlainDate.from(day ?? '').toZonedDateTime('Europe/Berlin');
      const id = ids[index];
      const spentAt = time.add({ hours: 12 }).toInstant().toString();
      return {
        id,
        source: 'import',
        type: 'expense.created',
        time: time.toInstant().toString(),
        data: { expenseId: id, userId, categoryId, merchant, amount, currency: 'EUR', spentAt },
      };
    });
    await world.store(tenantId, bodies);
  }

  test('stay known, while new ones of the same file are added', async () => {
    const tenantId = await world.createTenant();
    await postFormerly(tenantId);
    const file = await world.write('former.csv', lines(header, ...rows, 'u1,food,2026-11-05,New,1.00,87'));
    expect(await world.importFile(file, tenantId)).toMatchObject({ accepted: 1, duplicates: 3 });
    expect(await world.spentIn(tenantId)).toEqual({ sum: 1200, expenses: 4 });
    expect(await world.importFile(file, tenantId)).toMatchObject({ accepted: 0, duplicates: 4 });
  });

  test('stay known if that version garbled them, and are rejected because they read differently now', async () => {
    const tenantId = await world.createTenant();
    const row = ['u1', 'food', '2026-11-03', 'MÜLLER, Gr\u00fcn', '4.50'];
    const garbled = row.map((cell) => Buffer.from(cell, 'latin1').toString('utf8'));
    const id = `${createHash('sha256').update(JSON.stringify(garbled)).digest('hex').slice(0, 32)}-1`;
    const [userId, categoryId, , merchant, amount] = garbled;
    const time = '2026-11-02T23:00:00Z';
    const data = { expenseId: id, userId, categoryId, merchant, amount, currency: 'EUR', spentAt: time };
    await world.store(tenantId, [{ id, source: 'import', type: 'expense.created', time, data }]);
    const text = lines(plainHeader, row.map((cell) => `"${cell}"`).join(','));
    const ran = await world.refuse(await world.write('garbled.csv', Buffer.from(text, 'latin1')), tenantId);
    expect(ran.stderr).toContain('imported before, and read differently then');
    expect(await world.spentIn(tenantId)).toEqual({ sum: 450, expenses: 1 });
  });

  test('stay known once the inbox has forgotten their events', async () => {
    const tenantId = await world.createTenant();
    await postFormerly(tenantId);
    const worker = await ServiceProcess.start('worker', world.settings);
    try {
      await world.applied(tenantId);
    } finally {
      await killOutright(worker, []);
    }
    await statement`delete from events where tenant_id = ${tenantId}`.execute(world.database.sql);
    const file = await world.write('forgotten.csv', lines(header, ...rows));
    await world.importFile(file, tenantId);
    expect(new Set(await world.columnOf(tenantId, 'expense_id'))).toEqual(new Set(formerIds(rows)));
  });
});
