/** A single statement is a transaction of its own: it sees its tenants' rows alone, and leaves nothing if it fails. */
import { sql as statement } from 'kysely';
import { expect, test } from 'vitest';
import { Proxy } from '../../support/servers/proxy.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { Database } from '../../../src/runtime/database/database.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import { makeTenant } from '../../support/worlds/alerts/batches.ts';

const database = await databaseOfFile();
const { db } = database;

const insert = (tenantId: string, id: string) =>
  statement<{ id: string }>`
    insert into categories (tenant_id, id) values (${tenantId}, ${id}) returning id`;

const list = (tenantIds: readonly string[]) =>
  db.statement<{ id: string }>(tenantIds, statement`select id from categories order by id`);

test('its rows are stored when it resolves, and only its tenants see them', async () => {
  const [one, other] = [await makeTenant(db, []), await makeTenant(db, [])];
  expect(await db.statement([one], insert(one, 'food'))).toEqual([{ id: 'food' }]);
  expect(await list([one])).toEqual([{ id: 'food' }]);
  expect(await list([other])).toEqual([]);
  await expect(db.statement([other], insert(one, 'rent'))).rejects.toThrow('row-level security');
  expect(await list([one])).toEqual([{ id: 'food' }]);
});

test('an error says why, and the connection goes on', async () => {
  const tenantId = await makeTenant(db, []);
  await db.statement([tenantId], insert(tenantId, 'food'));
  await Promise.all(
    Array.from({ length: 20 }, () =>
      expect(db.statement([tenantId], insert(tenantId, 'food'))).rejects.toMatchObject({ code: '23505' }),
    ),
  );
  expect(await list([tenantId])).toEqual([{ id: 'food' }]);
});

test('a connection that is lost while it waits is replaced', async () => {
  const proxy = await Proxy.start(database.url);
  const through = { url: proxy.through(database.url), log: createLog('silent'), poolSize: 1 };
  const limited = await Database.open({ ...through, silentAtMostMs: 1000 });
  const ping = () => limited.statement<{ one: number }>([], statement`select 1 as one`);
  expect(await ping()).toEqual([{ one: 1 }]);
  proxy.fallSilent();
  await expect(ping()).rejects.toThrow('silent');
  await proxy.cut();
  await proxy.mend();
  expect(await ping()).toEqual([{ one: 1 }]);
  await limited.close();
  await proxy.cut();
});
