/** The route for services to post exchange rates. */
import type { FastifyPluginAsync } from 'fastify';
import type { Static } from 'typebox';
import { putFxRates } from '../../settings/put-fx-rates.ts';
import type { ApiKeys } from '../auth/api-key.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { followEvaluation } from '../follow-evaluation.ts';
import { problems } from '../errors/problem.ts';
import { acceptedJob } from '../schemas/job.ts';
import { rateTableBody, rateTableSchema, readRateTable } from '../schemas/fx-rates.ts';

const ratesLimitBytes = 1024 * 1024;

export function fxRateRoutes(deps: HttpDependencies, keys: ApiKeys): FastifyPluginAsync {
  const { db, clock } = deps;
  return async (app) => {
    app.put<{ Body: Static<typeof rateTableBody> }>('/fx-rates', {
      onRequest: keys.require('admin'),
      bodyLimit: ratesLimitBytes,
      schema: putRates,
      handler: async ({ service: { tenantId }, body, id }, reply) => {
        const table = readRateTable(body);
        const { stored, evaluated, repricingId } = await putFxRates(db, tenantId, table, clock.now());
        await followEvaluation(deps, evaluated, id);
        return repricingId === null ? stored : reply.code(202).send({ jobId: repricingId });
      },
    });
  };
}

const putRates = {
  tags: ['Rates of exchange'],
  security: [{ apiKey: [] }],
  operationId: 'setExchangeRates',
  summary: 'Post exchange rates',
  description:
    'Stores the value of one unit of `base` on a day. Omitted currencies keep their rates. An expense in another currency than its rule’s is converted at the rate of its day, or of the latest day up to 7 days before. Both currencies are taken from one day’s rates against one base, and the result is rounded once, half away from zero. Affected expenses are converted again before the answer, so levels may open and resolve. Beyond 1,000 of them a job does it after the answer, which is then 202. An expense that had no rate counts from then on.',
  body: rateTableBody,
  response: { 200: rateTableSchema, 202: acceptedJob, ...problems(400, 401, 404) },
};
