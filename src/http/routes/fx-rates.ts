/** Services post rates of exchange. */
import type { FastifyPluginAsync } from 'fastify';
import type { Static } from 'typebox';
import { putFxRates } from '../../settings/put-fx-rates.ts';
import type { ApiKeys } from '../auth/api-key.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { followEvaluation } from '../follow-evaluation.ts';
import { problems } from '../errors/problem.ts';
import { rateTableBody, rateTableSchema, readRateTable } from '../schemas/fx-rates.ts';

export function fxRateRoutes(deps: HttpDependencies, keys: ApiKeys): FastifyPluginAsync {
  const { db, clock } = deps;
  return async (app) => {
    app.put<{ Body: Static<typeof rateTableBody> }>('/fx-rates', {
      onRequest: keys.require('admin'),
      schema: putRates,
      handler: async ({ service, body, id }) => {
        const table = readRateTable(body);
        const { stored, evaluated } = await putFxRates(db, service.tenantId, table, clock.now());
        await followEvaluation(deps, evaluated, id);
        return stored;
      },
    });
  };
}

const putRates = {
  tags: ['Rates of exchange'],
  security: [{ apiKey: [] }],
  summary: 'Post rates of exchange',
  description:
    'Stores what one unit of `base` was worth on a day; a currency left out stays as it was. An expense in another currency than a rule’s counts at the rate of its day, else of the latest day up to 7 days before: both currencies are taken from one day’s rates against one base, and the result is rounded once, half away from zero. What the rates cover is priced anew before the answer, so levels may open and resolve, and an expense that had no rate is counted from then on.',
  body: rateTableBody,
  response: { 200: rateTableSchema, ...problems(400, 401, 404) },
};
