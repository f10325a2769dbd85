/**
 * The second reference: the least work of PostgreSQL for an event. Two connections write batches of 32 to the inbox,
 * expenses, daily totals and rule spending, by one statement each in one transaction. Nothing is decided.
 */
import { Client } from 'pg';
import { categories } from './world.ts';

const batchSize = 32;
const connectionCount = 2;

/** Returns events per second. `ruleIds` are the rules of `u0` … `people in the order of world.ts. */
export async function sqlLoop(
  url: string,
  tenantId: string,
  ruleIds: readonly string[],
  seconds: number,
): Promise<number> {
  const until = performance.now() + seconds * 1000;
  const loop = async (lane: number): Promise<number> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    let batches = 0;
    for (; performance.now() < until; batches += 1)
      await writeBatch(client, tenantId, ruleIds, lane, batches);
    await client.end();
    return batches * batchSize;
  };
  const counts = await Promise.all(Array.from({ length: connectionCount }, (_, lane) => loop(lane)));
  return counts.reduce((sum, count) => sum + count, 0) / seconds;
}

async function writeBatch(
  client: Client,
  tenantId: string,
  ruleIds: readonly string[],
  lane: number,
  batch: number,
): Promise<void> {
  // Each connection has people of its own, so that the reference waits for no lock.
  const people = Array.from({ length: batchSize }, (_, index) => {
    const number = (batch * batchSize + index) % Math.floor(ruleIds.length / connectionCount);
    return number * connectionCount + lane;
  });
  const ids = people.map((_, index) => `sql-${lane}-${batch}-${index}`);
  const userIds = people.map((person) => `u${Math.floor(person / categories.length)}`);
  const rules = people.map((person) => ruleIds[person]);
  await client.query('begin');
  await client.query(
    `insert into events (tenant_id, source, id, fingerprint, batch_id, position, type, time, expense_id,
       user_id, category_id, amount_minor, currency, spent_at)
     select $1, 'sql', id, '\\x00', gen_random_uuid(), 1, 'expense.created', now(), id, user_id, 'groceries',
       100, 'USD', now()
     from unnest($2::text[], $3::text[]) as given (id, user_id)`,
    [tenantId, ids, userIds],
  );
  await client.query(
    `insert into expenses (tenant_id, id, event_time, event_id, event_source, user_id, category_id,
       amount_minor, currency, spent_at, day)
     select $1, id, now(), id, 'sql', user_id, 'groceries', 100, 'USD', now(), current_date
     from unnest($2::text[], $3::text[]) as given (id, user_id)`,
    [tenantId, ids, userIds],
  );
  await client.query(
    `insert into daily_spend (tenant_id, user_id, day, category_id, currency, amount_minor, expense_count)
     select $1, user_id, current_date, 'groceries', 'USD', 100, 1
     from (select distinct user_id from unnest($2::text[]) as given (user_id) order by user_id) people
     on conflict (tenant_id, user_id, day, category_id, currency) do update
     set amount_minor = daily_spend.amount_minor + excluded.amount_minor,
       expense_count = daily_spend.expense_count + excluded.expense_count`,
    [tenantId, userIds],
  );
  await client.query(
    `update rule_spend r set spent_minor = spent_minor + 100
     from unnest($2::uuid[]) as given (rule_id)
     where r.tenant_id = $1 and r.rule_id = given.rule_id
     returning r.spent_minor`,
    [tenantId, rules],
  );
  await client.query('commit');
}
