/** The route for services to name categories and to set which are compared as one. */
import type { FastifyPluginAsync } from 'fastify';
import type { Static } from 'typebox';
import { putCategory } from '../../accounts/categories.ts';
import type { ApiKeys } from '../auth/api-key.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { problems } from '../errors/problem.ts';
import { categoryChanges, categoryParams, categorySchema } from '../schemas/category.ts';

export function categoryRoutes({ db }: HttpDependencies, keys: ApiKeys): FastifyPluginAsync {
  return async (app) => {
    app.put<{ Params: Static<typeof categoryParams>; Body: Static<typeof categoryChanges> }>(
      '/categories/:categoryId',
      {
        onRequest: keys.require('admin'),
        schema: changeCategory,
        handler: ({ service, params, body }) =>
          db.transaction([service.tenantId], (sql) => putCategory(sql, { ...service, ...params }, body)),
      },
    );
  };
}

const changeCategory = {
  tags: ['People and categories'],
  security: [{ apiKey: [] }],
  operationId: 'updateCategory',
  summary: 'Update a category',
  description: 'Registers the category if it is new.',
  params: categoryParams,
  body: categoryChanges,
  response: { 200: categorySchema, ...problems(400, 401, 404) },
};
