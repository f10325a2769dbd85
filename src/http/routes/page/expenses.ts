/** The route for people to list their expenses. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { readTimezone } from '../../../accounts/people.ts';
import { listExpenses, type ListedExpense } from '../../../alerts/expenses/list-expenses.ts';
import { type Days, readRuleScope, type RuleScope } from '../../../alerts/expenses/rule-scope.ts';
import type { Sql } from '../../../runtime/database/database.ts';
import type { PersonRef } from '../../../values/refs.ts';
import type { HttpDependencies } from '../../dependencies.ts';
import { notFound, problems } from '../../errors/problem.ts';
import { pageOf, pageQuery, pageSchema, readCursor } from '../../lists/pagination.ts';
import { expenseSchema, expenseView, from, readDays, to } from '../../schemas/expense.ts';
import { identifier } from '../../schemas/text.ts';

const listQuery = Type.Object({
  ruleId: Type.Optional(
    Type.String({
      format: 'uuid',
      description: 'what this rule counts, in its current period or in the days given',
    }),
  ),
  categoryId: Type.Optional(identifier('expenses of this category')),
  from: Type.Optional(from),
  to: Type.Optional(to),
  ...pageQuery,
});

type Query = Static<typeof listQuery>;

export const expenseRoutes =
  ({ db, clock }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    app.get<{ Querystring: Query }>('/expenses', {
      schema: getExpenses,
      handler: async ({ person, query }) => {
        const { limit } = query;
        const found = await db.transaction([person.tenantId], (sql) =>
          readPage(sql, person, query, clock.now()),
        );
        const { data, ...rest } = pageOf(found, limit, keyOf);
        return { data: data.map(expenseView), ...rest };
      },
    });
  };

async function readPage(
  sql: Sql,
  person: PersonRef,
  { ruleId, categoryId, limit, cursor, ...given }: Query,
  now: Temporal.Instant,
): Promise<ListedExpense[]> {
  const days = readDays(given);
  const after = afterOf(cursor);
  const scope = await findScope(sql, person, { ruleId, days }, now);
  const timeZone = await readTimezone(sql, person);
  return listExpenses(sql, person, { scope, categoryId, days, timeZone, limit: limit + 1, after });
}

/** Null without a rule. Throws 404 for a rule that the person does not have. */
export async function findScope(
  sql: Sql,
  person: PersonRef,
  { ruleId, days }: { ruleId: string | undefined; days: Days },
  now: Temporal.Instant,
): Promise<RuleScope | null> {
  if (ruleId === undefined) return null;
  const scope = await readRuleScope(sql, person, ruleId, days, now);
  if (!scope) throw notFound();
  return scope;
}

/** The cursor is the last expense's instant, in microseconds, and its id. */
const cursorKey = [
  Type.String({ pattern: '^-?[0-9]{1,16}$' }),
  Type.String({ pattern: String.raw`^[^\p{Cc}\p{Cs}]{1,300}$` }),
];

const keyOf = ({ spentAt, id }: ListedExpense): string[] => [String(spentAt.epochNanoseconds / 1000n), id];

function afterOf(cursor: string | undefined): { spentAt: Temporal.Instant; id: string } | null {
  const [microseconds, id] = readCursor(cursor, cursorKey) ?? [];
  if (microseconds === undefined || id === undefined) return null;
  return { spentAt: Temporal.Instant.fromEpochNanoseconds(BigInt(microseconds) * 1000n), id };
}

const getExpenses = {
  tags: ['Spending'],
  security: [{ userToken: [] }],
  operationId: 'listExpenses',
  summary: 'List one’s expenses',
  description:
    'Newest first, each in its own currency, pending ones and transfers included. With `ruleId` these are the expenses that the rule counts: in its current period, or with `from` or `to` on those of these days that lie in its periods. A transfer counts in none.',
  querystring: listQuery,
  response: { 200: pageSchema(expenseSchema), ...problems(400, 401, 404, 429) },
};
