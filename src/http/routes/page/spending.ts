/** The route for people to read their spending by day or by category. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { readTenant } from '../../../accounts/tenants.ts';
import { readSpending, spendingKeys } from '../../../alerts/expenses/read-spending.ts';
import type { HttpDependencies } from '../../dependencies.ts';
import { invalidField, notFound, problems } from '../../errors/problem.ts';
import { from, readDays, to } from '../../schemas/expense.ts';
import { spendingSumsSchema, spendingView } from '../../schemas/spending.ts';
import { findScope } from './expenses.ts';

/** A year and a month, however long. */
const maxDays = 400;

const sumsQuery = Type.Object({
  from,
  to,
  by: Type.Enum(spendingKeys, { description: 'a sum for each day, or for each category' }),
  ruleId: Type.Optional(Type.String({ format: 'uuid', description: 'only what this rule counts' })),
});

type Query = Static<typeof sumsQuery>;

export const spendingRoutes =
  ({ db, clock }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    app.get<{ Querystring: Query }>('/spending', {
      schema: getSpending,
      handler: ({ person, query: { by, ruleId, ...given } }) => {
        const days = readDays(given);
        refuseMany(given);
        return db.transaction([person.tenantId], async (sql) => {
          const tenant = await readTenant(sql, person.tenantId);
          if (!tenant) throw notFound();
          const scope = await findScope(sql, person, { ruleId, days }, clock.now());
          const asked = { by, days, scope, currency: tenant.currency };
          return { data: spendingView(await readSpending(sql, person, asked), asked, given) };
        });
      },
    });
  };

function refuseMany({ from: first, to: end }: Pick<Query, 'from' | 'to'>): void {
  const { days } = Temporal.PlainDate.from(first).until(end);
  if (days > maxDays) throw invalidField('/to', `must be at most ${maxDays} days after from`);
}

const getSpending = {
  tags: ['Spending'],
  security: [{ userToken: [] }],
  operationId: 'getSpending',
  summary: 'Read one’s spending by day or by category',
  description: `Of at most ${maxDays} days, in the tenant’s currency. Other currencies are converted at the rate of their day, and left out if there is none. Transfers do not count. With \`ruleId\` it is what the rule counts, on those of the days that lie in its periods; also then in the tenant’s currency, whatever the rule’s is.`,
  querystring: sumsQuery,
  response: {
    200: Type.Object({ data: spendingSumsSchema }, { description: 'The sums.' }),
    ...problems(400, 401, 404, 429),
  },
};
