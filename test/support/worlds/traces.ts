/** Searches everything a service keeps for given texts: each column of each table, the queues' too, and Redis. */
import { sql as statement } from 'kysely';
import type { Redis } from '../../../src/runtime/redis.ts';
import type { Sql } from '../../../src/runtime/database/database.ts';

/** `sql`: the connection of the owner. Returns `schema.table` for each row with one of the texts. */
export async function findInTables(sql: Sql, texts: readonly string[]): Promise<string[]> {
  const found = [];
  for (const { schema, name } of await listTables(sql)) {
    const table = statement.table(`${schema}.${name}`);
    const { rows } = await statement<{ text: string }>`
      select held::text as text from ${table} held
      where ${statement.join(
        texts.map((text) => statement`strpos(held::text, ${text}) > 0`),
        statement` or `,
      )}`.execute(sql);
    found.push(...rows.map(() => `${schema}.${name}`));
  }
  return [...new Set(found)];
}

export async function listTables(sql: Sql): Promise<{ schema: string; name: string }[]> {
  const { rows } = await statement<{ schema: string; name: string }>`
    select n.nspname as schema, c.relname as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
    order by 1, 2`.execute(sql);
  return rows;
}

/** The keys in Redis whose value, of any type, has one of the texts. */
export async function findInRedis(redis: Redis, texts: readonly string[]): Promise<string[]> {
  const keys = await redis.keys('*');
  const found = [];
  for (const key of keys) {
    // `dump` may compress, so each type is read as it is.
    const text = JSON.stringify([key, await readAny(redis, key)]);
    if (texts.some((each) => text.includes(each))) found.push(key);
  }
  return found;
}

async function readAny(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, 0, -1);
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return null;
  }
}
