/** Every table of the database is in the list of erasure and export, and every listed one exists. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { otherTables, personalTables, tablesOfTenants } from '../../../src/privacy/personal-tables.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers/database.ts';
import { listTables } from '../../support/worlds/traces.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const tablesInDatabase = async () =>
  (await listTables(database.sql)).filter(({ schema }) => schema === 'public').map(({ name }) => name);

test('a table of the database is listed as personal, or with the reason why it holds nothing of a person', async () => {
  const lists = [personalTables, tablesOfTenants, otherTables];
  const listed = lists.flatMap((list) => Object.keys(list)).toSorted();
  expect(listed).toEqual(await tablesInDatabase());
});

test('a table with a column for a person is listed as personal', async () => {
  const { rows } = await statement<{ table: string }>`
    select table_name as table from information_schema.columns
    where table_schema = 'public' and column_name in ('user_id', 'rule_id', 'notification_id')`.execute(
    database.sql,
  );
  const named = new Set(rows.map(({ table }) => table));
  named.delete('erased_people');
  expect([...named].filter((table) => !(table in personalTables))).toEqual([]);
});
