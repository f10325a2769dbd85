/** The route for people to list the categories that they spend on or have rules for. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { listCategories } from '../../../alerts/expenses/list-categories.ts';
import type { HttpDependencies } from '../../dependencies.ts';
import { problems } from '../../errors/problem.ts';
import { pageOf, pageQuery, pageSchema, readCursor } from '../../lists/pagination.ts';
import { ownCategorySchema } from '../../schemas/category.ts';
import { identifier } from '../../schemas/text.ts';

const listQuery = Type.Object(pageQuery);

/** The cursor is the id of the last category shown. */
const cursorKey = [identifier()];

export const ownCategoryRoutes =
  ({ db }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    app.get<{ Querystring: Static<typeof listQuery> }>('/categories', {
      schema: getCategories,
      handler: async ({ person, query: { limit, cursor } }) => {
        const [after = null] = readCursor(cursor, cursorKey) ?? [];
        const found = await db.transaction([person.tenantId], (sql) =>
          listCategories(sql, person, { after, limit: limit + 1 }),
        );
        return pageOf(found, limit, ({ id }) => [id]);
      },
    });
  };

const getCategories = {
  tags: ['Spending'],
  security: [{ userToken: [] }],
  operationId: 'listCategories',
  summary: 'List one’s categories',
  description:
    'The categories of one’s expenses and of one’s rules, also of those that are switched off, by id. The name is the one that the service has given.',
  querystring: listQuery,
  response: { 200: pageSchema(ownCategorySchema), ...problems(400, 401, 429) },
};
