/** Routes for people to list charges that are out of the ordinary, and to say what they are. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { judgeAnomaly, listAnomalies } from '../../../insight/anomalies/list-anomalies.ts';
import { localDay } from '../../../values/period.ts';
import type { HttpDependencies } from '../../dependencies.ts';
import { notFound, problems } from '../../errors/problem.ts';
import { afterOf, cursorKeyOf } from '../../lists/cursor.ts';
import { pageOf, pageQuery, pageSchema } from '../../lists/pagination.ts';
import { anomalyParams, anomalySchema, anomalyVerdict, anomalyView } from '../../schemas/anomaly.ts';
import type { PersonRef } from '../../../values/refs.ts';

const tags = ['Anomalies'];
const security = [{ userToken: [] }];
const listQuery = Type.Object({
  ...pageQuery,
  days: Type.Integer({ minimum: 1, maximum: 400, default: 30, description: 'found in so many days' }),
});

/** Reads the language of a person. */
type Languages = { localeOf(person: PersonRef): Promise<string> };

export const anomalyRoutes =
  ({ db, clock }: HttpDependencies, languages: Languages): FastifyPluginAsync =>
  async (app) => {
    const readerOf = async (person: PersonRef) => ({
      locale: await languages.localeOf(person),
      today: localDay(clock.now(), 'UTC'),
    });

    app.get<{ Querystring: Static<typeof listQuery> }>('/anomalies', {
      schema: getAnomalies,
      handler: async ({ person, query: { limit, cursor, days } }) => {
        const since = clock.now().subtract({ hours: days * 24 });
        const page = { since, limit: limit + 1, after: afterOf(cursor) };
        const found = await db.transaction([person.tenantId], (sql) => listAnomalies(sql, person, page));
        const { data, ...rest } = pageOf(found, limit, cursorKeyOf);
        const reader = await readerOf(person);
        return { data: data.map((each) => anomalyView(each, reader)), ...rest };
      },
    });

    app.put<{ Params: Static<typeof anomalyParams>; Body: Static<typeof anomalyVerdict> }>(
      '/anomalies/:anomalyId',
      {
        schema: putAnomaly,
        handler: async ({ person, params: { anomalyId }, body: { verdict } }) => {
          const found = await judgeAnomaly(db, person, anomalyId, verdict, clock.now());
          if (!found) throw notFound();
          return { data: anomalyView(found, await readerOf(person)) };
        },
      },
    );
  };

const getAnomalies = {
  tags,
  security,
  operationId: 'listAnomalies',
  summary: 'List charges out of the ordinary',
  description:
    'The latest found first, each with the figures that show it. They are found some seconds after each expense, and within the hour when a recurring charge is late. Pending expenses, transfers, cash, expenses without a merchant and ignored recurring charges are left out.',
  querystring: listQuery,
  response: { 200: pageSchema(anomalySchema), ...problems(400, 401, 429) },
};

const putAnomaly = {
  tags,
  security,
  operationId: 'judgeAnomaly',
  summary: 'Say that an anomaly is expected or wrong',
  description:
    'A message about it that still waits is not sent. The verdict may be changed, and repeating it is harmless.',
  params: anomalyParams,
  body: anomalyVerdict,
  response: {
    200: Type.Object({ data: anomalySchema }, { description: 'The anomaly with its verdict.' }),
    ...problems(400, 401, 404, 429),
  },
};
