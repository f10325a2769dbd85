/**
 * The third reference: the same job as one would write it in an afternoon, with Express and pg. Each event is one
 * insert. Then the rules of its person and category are read, the month is summed for each, and an alert is looked up
 * before it is written. DATABASE_URL names the database, in which it makes a schema of its own. Prints its URL.
 */
import express from 'express';
import { Pool } from 'pg';
import { categories, people } from './world.ts';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });

async function makeSchema(): Promise<void> {
  await pool.query('drop schema if exists by_hand cascade');
  await pool.query('create schema by_hand');
  await pool.query(`
    create table by_hand.expenses (id text primary key, user_id text not null, category_id text not null,
      merchant text, amount numeric not null, currency text not null, spent_at timestamptz not null)`);
  await pool.query('create index on by_hand.expenses (user_id, category_id, spent_at)');
  await pool.query(`
    create table by_hand.rules (id serial primary key, user_id text not null, category_id text not null,
      budget numeric not null, levels int[] not null)`);
  await pool.query(`
    create table by_hand.alerts (rule_id int not null, month date not null, level int not null,
      primary key (rule_id, month, level))`);
  await pool.query(
    `insert into by_hand.rules (user_id, category_id, budget, levels)
     select 'u' || person, category, 1000 + 7 * person, '{80,100}'
     from generate_series(0, $1::int - 1) person, unnest($2::text[]) category`,
    [people, categories],
  );
  await pool.query('create index on by_hand.rules (user_id, category_id)');
  await pool.query('vacuum analyze by_hand.rules');
}

type Expense = {
  expenseId: string;
  userId: string;
  categoryId: string;
  merchant: string;
  amount: string;
  currency: string;
  spentAt: string;
};

async function take(expense: Expense): Promise<void> {
  const { userId, categoryId, spentAt } = expense;
  await pool.query(
    `insert into by_hand.expenses values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [
      expense.expenseId,
      userId,
      categoryId,
      expense.merchant,
      expense.amount,
      expense.currency,
      expense.spentAt,
    ],
  );
  const { rows: rules } = await pool.query<{ id: number; budget: string; levels: number[] }>(
    'select id, budget, levels from by_hand.rules where user_id = $1 and category_id = $2',
    [userId, categoryId],
  );
  for (const rule of rules) {
    const { rows: sums } = await pool.query<{ spent: string; month: string }>(
      `select sum(amount) as spent, date_trunc('month', $3::timestamptz)::date::text as month
       from by_hand.expenses
       where user_id = $1 and category_id = $2 and spent_at >= date_trunc('month', $3::timestamptz)`,
      [userId, categoryId, spentAt],
    );
    const [{ spent, month } = { spent: '0', month: '' }] = sums;
    const { rows: sent } = await pool.query<{ level: number }>(
      'select level from by_hand.alerts where rule_id = $1 and month = $2',
      [rule.id, month],
    );
    const reached = rule.levels.filter((level) => Number(spent) >= (level / 100) * Number(rule.budget));
    for (const level of reached)
      if (!sent.some((alert) => alert.level === level))
        await pool.query('insert into by_hand.alerts values ($1, $2, $3) on conflict do nothing', [
          rule.id,
          month,
          level,
        ]);
  }
}

await makeSchema();
const app = express();
app.use(express.json());
app.post('/', (request, response, next) => {
  // The load generator posts nothing but events.
  take((request.body as { data: Expense }).data).then(() => response.status(202).json({ accepted: 1 }), next);
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : null;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
