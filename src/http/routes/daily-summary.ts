/** The route for people to read the summary of a day. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { readDailySummary } from '../../insight/summaries/read-daily-summary.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { invalidField, problems } from '../errors/problem.ts';
import { isTooEarly, summaryQuery, summarySchema, summaryView } from '../schemas/daily-summary.ts';

export function dailySummaryRoutes({ db, clock }: HttpDependencies): FastifyPluginAsync {
  return async (app) => {
    app.get<{ Querystring: Static<typeof summaryQuery> }>('/daily-summary', {
      schema: getSummary,
      handler: async ({ person, query: { date } }) => {
        if (isTooEarly(date)) throw invalidField('/date', 'must be a day from 1900 on');
        const summary = await db.transaction([person.tenantId], (sql) =>
          readDailySummary(sql, person, date ?? null, clock.now()),
        );
        if (!summary) throw invalidField('/date', 'must not be later than today');
        return { data: summaryView(summary.date, summary.figures) };
      },
    });
  };
}

const getSummary = {
  tags: ['Summary'],
  security: [{ userToken: [] }],
  operationId: 'getDailySummary',
  summary: 'Read the summary of a day',
  description:
    'Computed from the current expenses, so late ones count. Amounts are in the tenant’s currency. Other currencies are converted at the rate of their day, and left out if there is none. Without a date it is today so far.',
  querystring: summaryQuery,
  response: {
    200: Type.Object({ data: summarySchema }, { description: 'The day’s figures.' }),
    ...problems(400, 401, 429),
  },
};
