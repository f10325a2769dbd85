/** Routes for people to read their notifications. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { listNotifications } from '../../notify/sql/list-notifications.ts';
import { markRead } from '../../notify/sql/mark-read.ts';
import { readNotification } from '../../notify/sql/read-notification.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { afterOf, cursorKeyOf } from '../lists/cursor.ts';
import { pageOf, pageQuery, pageSchema } from '../lists/pagination.ts';
import { notFound, problems } from '../errors/problem.ts';
import { notificationParams, notificationSchema, notificationView } from '../schemas/notification.ts';
import { notificationStatuses, notificationTypes } from '../../values/statuses.ts';

const tags = ['Notifications'];
const security = [{ userToken: [] }];

export function notificationRoutes({ db, clock }: HttpDependencies): FastifyPluginAsync {
  return async (app) => {
    app.get<{ Querystring: Static<typeof listQuery> }>('/notifications', {
      schema: getNotifications,
      handler: async ({ person, query: { type, status, days, limit, cursor } }) => {
        const since = clock.now().subtract({ hours: 24 * days });
        const page = { type, status, since, limit: limit + 1, after: afterOf(cursor) };
        const found = await db.transaction([person.tenantId], (sql) => listNotifications(sql, person, page));
        const { data, ...rest } = pageOf(found, limit, cursorKeyOf);
        return { data: data.map(notificationView), ...rest };
      },
    });

    app.put<{ Params: Static<typeof notificationParams> }>('/notifications/:notificationId/read', {
      schema: putRead,
      handler: async ({ person, params: { notificationId } }) => {
        const found = await db.transaction([person.tenantId], async (sql) => {
          await markRead(sql, person, notificationId, clock.now());
          return readNotification(sql, person, notificationId);
        });
        if (!found) throw notFound();
        return { data: notificationView(found) };
      },
    });
  };
}

const listQuery = Type.Object({
  type: Type.Optional(Type.Enum(notificationTypes)),
  status: Type.Optional(Type.Enum(notificationStatuses)),
  days: Type.Integer({ minimum: 1, maximum: 366, default: 30, description: 'how many days back' }),
  ...pageQuery,
});

const getNotifications = {
  tags,
  security,
  operationId: 'listNotifications',
  summary: 'List one’s notifications',
  description: 'Newest first, each with its deliveries on every channel.',
  querystring: listQuery,
  response: { 200: pageSchema(notificationSchema), ...problems(400, 401, 429) },
};

const putRead = {
  tags,
  security,
  operationId: 'markNotificationRead',
  summary: 'Mark a notification as read',
  description: 'Repeating the call is harmless: the first time stays.',
  params: notificationParams,
  response: {
    200: Type.Object({ data: notificationSchema }, { description: 'The notification, read.' }),
    ...problems(401, 404, 429),
  },
};
