/** Routes for people to list their recurring charges, and to confirm or ignore them. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { decideRecurring, listRecurring } from '../../../insight/recurring/list-recurring.ts';
import type { HttpDependencies } from '../../dependencies.ts';
import { notFound, problems } from '../../errors/problem.ts';
import { afterOf, cursorKeyOf } from '../../lists/cursor.ts';
import { pageOf, pageQuery, pageSchema } from '../../lists/pagination.ts';
import {
  recurringDecision,
  recurringParams,
  recurringSchema,
  recurringView,
} from '../../schemas/recurring.ts';

const tags = ['Recurring charges'];
const security = [{ userToken: [] }];
const listQuery = Type.Object(pageQuery);

export const recurringRoutes =
  ({ db, clock }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    app.get<{ Querystring: Static<typeof listQuery> }>('/recurring', {
      schema: getRecurring,
      handler: async ({ person, query: { limit, cursor } }) => {
        const page = { limit: limit + 1, after: afterOf(cursor) };
        const found = await db.transaction([person.tenantId], (sql) => listRecurring(sql, person, page));
        const { data, ...rest } = pageOf(found, limit, cursorKeyOf);
        return { data: data.map(recurringView), ...rest };
      },
    });

    app.put<{ Params: Static<typeof recurringParams>; Body: Static<typeof recurringDecision> }>(
      '/recurring/:recurringId',
      {
        schema: putRecurring,
        handler: async ({ person, params: { recurringId }, body: { status } }) => {
          const found = await decideRecurring(db, person, recurringId, status, clock.now());
          if (!found) throw notFound();
          return { data: recurringView(found) };
        },
      },
    );
  };

const getRecurring = {
  tags,
  security,
  operationId: 'listRecurring',
  summary: 'List one’s recurring charges',
  description:
    'Newest first: rent, subscriptions, insurance and bills, as found among the expenses of the last 25 months. They are updated some seconds after each expense, and within the hour when a charge is late. Pending expenses, transfers and cash are left out.',
  querystring: listQuery,
  response: { 200: pageSchema(recurringSchema), ...problems(400, 401, 429) },
};

const putRecurring = {
  tags,
  security,
  operationId: 'decideRecurring',
  summary: 'Confirm or ignore a recurring charge',
  description:
    'What the person says stays while merchant and cadence do. It may be changed, and repeating it is harmless.',
  params: recurringParams,
  body: recurringDecision,
  response: {
    200: Type.Object({ data: recurringSchema }, { description: 'The recurring charge with its new status.' }),
    ...problems(400, 401, 404, 429),
  },
};
