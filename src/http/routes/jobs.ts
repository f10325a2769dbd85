/** The route for services to see how far the work is that a request of theirs began. */
import type { FastifyPluginAsync } from 'fastify';
import type { Static } from 'typebox';
import { readRepricing } from '../../settings/repricing-jobs.ts';
import type { ApiKeys } from '../auth/api-key.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { notFound, problems } from '../errors/problem.ts';
import { jobParams, jobState } from '../schemas/job.ts';

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function jobRoutes({ db }: HttpDependencies, keys: ApiKeys): FastifyPluginAsync {
  return async (app) => {
    app.get<{ Params: Static<typeof jobParams> }>('/jobs/:jobId', {
      onRequest: keys.require('admin'),
      schema: getJob,
      handler: async ({ service: { tenantId }, params: { jobId: id } }) => {
        if (!uuidShape.test(id)) throw notFound();
        const state = await db.transaction([tenantId], (sql) => readRepricing(sql, { tenantId, id }));
        if (!state) throw notFound();
        return { state: state.done < state.total ? 'running' : 'done', ...state };
      },
    });
  };
}

const getJob = {
  tags: ['Rates of exchange'],
  security: [{ apiKey: [] }],
  operationId: 'getJob',
  summary: 'Read how far a job is',
  description: 'Needs a key of scope `admin`. Jobs that are done are forgotten after 30 days.',
  params: jobParams,
  response: { 200: jobState, ...problems(401, 404) },
};
