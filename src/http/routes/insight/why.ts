/** The route for people to read why they were or were not told of their spending on a day. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { readLedger } from '../../../notify/read-ledger.ts';
import type { HttpDependencies } from '../../dependencies.ts';
import { invalidField, problems } from '../../errors/problem.ts';
import { isTooEarly, summaryQuery } from '../../schemas/daily-summary.ts';
import { ledgerSchema, ledgerView } from '../../schemas/ledger.ts';

export function whyRoutes({ db, clock }: Pick<HttpDependencies, 'db' | 'clock'>): FastifyPluginAsync {
  return async (app) => {
    app.get<{ Querystring: Static<typeof summaryQuery> }>('/why', {
      schema: getWhy,
      handler: async ({ person, query: { date } }) => {
        if (isTooEarly(date)) throw invalidField('/date', 'must be a day from 1900 on');
        const ledger = await db.transaction([person.tenantId], (sql) =>
          readLedger(sql, person, date ?? null, clock.now()),
        );
        if (!ledger) throw invalidField('/date', 'must not be later than today');
        return { data: ledgerView(ledger) };
      },
    });
  };
}

const getWhy = {
  tags: ['Summary'],
  security: [{ userToken: [] }],
  operationId: 'explainDay',
  summary: 'Read why one was or was not told on a day',
  description:
    'The local day as a ledger, oldest first: each expense that mattered, each level reached, each decision, each notification and each delivery, with a sentence for every one. A message that waited overnight stands on the day on which it was made, and its delivery on the day on which it was sent. A day shows 1,000 decisions and 1,000 notifications at most. Without a date it is today so far.',
  querystring: summaryQuery,
  response: {
    200: Type.Object({ data: ledgerSchema }, { description: 'The day, oldest first.' }),
    ...problems(400, 401, 429),
  },
};
