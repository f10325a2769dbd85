/** A transaction sends statements that are issued together at once, and none of them takes effect outside it. */
import { sql as statement } from 'kysely';
import { expect, test } from 'vitest';
import { allOf } from '../../../src/runtime/database/all-of.ts';
import { Database, type Sql } from '../../../src/runtime/database/database.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { Proxy } from '../../support/servers/proxy.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import { makeTenant } from '../../support/worlds/alerts/batches.ts';

const database = await databaseOfFile();
const { db } = database;

const insert = (sql: Sql, tenantId: string, id: string) =>
  statement`insert into categories (tenant_id, id) values (${tenantId}, ${id})`.execute(sql);

const list = async (sql: Sql): Promise<string[]> => {
  const { rows } = await statement<{ id: string }>`select id from categories order by id`.execute(sql);
  return rows.map(({ id }) => id);
};

const stored = (tenantId: string): Promise<string[]> => db.transaction([tenantId], list);

test('statements issued together run in the order in which they were issued', async () => {
  const tenantId = await makeTenant(db, []);
  const found = await db.transaction([tenantId], (sql) =>
    allOf([
      insert(sql, tenantId, 'food'),
      list(sql),
      sql.deleteFrom('categories').where('id', '=', 'food').execute(),
      list(sql),
      insert(sql, tenantId, 'rent'),
    ]),
  );
  expect([found[1], found[3]]).toEqual([['food'], []]);
  expect(await stored(tenantId)).toEqual(['rent']);
});

test('a statement is sent without waiting for the answers to those issued before', async () => {
  const proxy = await Proxy.start(database.url);
  const sent: string[] = [];
  proxy.onSent = (bytes) => sent.push(bytes.toString('latin1'));
  const watched = await Database.open({ url: proxy.through(database.url), log: createLog('silent') });
  const lock = (sql: Sql) => statement`select pg_advisory_xact_lock(${4711})`.execute(sql);
  const answered: string[] = [];
  const works = await db.transaction([], async (sql) => {
    await lock(sql);
    const waiting = watched.transaction([], (other) =>
      allOf([
        lock(other).then(() => answered.push('lock')),
        statement`select ${'sent at once'}`.execute(other).then(() => answered.push('next')),
      ]),
    );
    await expect.poll(() => sent.join('')).toContain('sent at once');
    expect(answered).toEqual([]);
    return [waiting];
  });
  await Promise.all(works);
  expect(answered).toEqual(['lock', 'next']);
  await watched.close();
  await proxy.cut();
});

test('the first error is thrown, and nothing is stored', async () => {
  const tenantId = await makeTenant(db, []);
  const work = db.transaction([tenantId], (sql) =>
    allOf([insert(sql, tenantId, 'food'), insert(sql, tenantId, 'food'), insert(sql, tenantId, 'rent')]),
  );
  await expect(work).rejects.toMatchObject({ code: '23505' });
  expect(await stored(tenantId)).toEqual([]);
});

test('what goes on after the end of its transaction is refused', async () => {
  const tenantId = await makeTenant(db, []);
  const over = Promise.withResolvers<void>();
  const late = await db.transaction([tenantId], async (sql) => {
    await list(sql);
    return { work: over.promise.then(() => insert(sql, tenantId, 'food')) };
  });
  over.resolve();
  await expect(late.work).rejects.toThrow('the transaction is over');
  expect(await stored(tenantId)).toEqual([]);
});

test('an error of the work is thrown after the rollback, and the connection goes on', async () => {
  const tenantId = await makeTenant(db, []);
  const work = db.transaction([tenantId], async (sql) => {
    await insert(sql, tenantId, 'food');
    throw new Error('no more');
  });
  await expect(work).rejects.toThrow('no more');
  expect(await stored(tenantId)).toEqual([]);
});
