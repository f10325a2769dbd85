/** Routes for people to read their notifications. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { listNotifications } from '../../notify/sql/list-notifications.ts';
import { countUnread } from '../../notify/sql/count-unread.ts';
import { markAllRead, markRead } from '../../notify/sql/mark-read.ts';
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

    app.get<{ Params: Static<typeof notificationParams> }>('/notifications/:notificationId', {
      schema: getNotification,
      handler: async ({ person, params: { notificationId } }) => {
        const found = await db.transaction([person.tenantId], (sql) =>
          readNotification(sql, person, notificationId),
        );
        if (!found) throw notFound();
        return { data: notificationView(found) };
      },
    });

    app.get('/notifications/unread', {
      schema: getUnread,
      handler: async ({ person }) => {
        const count = await db.transaction([person.tenantId], (sql) => countUnread(sql, person));
        return { data: { count } };
      },
    });

    app.put('/notifications/read-all', {
      schema: putAllRead,
      handler: async ({ person }) => {
        const now = clock.now();
        const count = await db.transaction([person.tenantId], (sql) => markAllRead(sql, person, now));
        return { data: { count } };
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

const getNotification = {
  tags,
  security,
  operationId: 'getNotification',
  summary: 'Read a notification',
  description: 'With its deliveries on every channel. Reading it here does not mark it as read.',
  params: notificationParams,
  response: {
    200: Type.Object({ data: notificationSchema }, { description: 'The notification.' }),
    ...problems(401, 404, 429),
  },
};

const counted = (description: string, what: string) =>
  Type.Object(
    { data: Type.Object({ count: Type.Integer({ minimum: 0, description: what }) }) },
    { description },
  );

const getUnread = {
  tags,
  security,
  operationId: 'countUnread',
  summary: 'Count one’s unread notifications',
  description:
    'Counts those in the app, however old. A roll-up of alerts that are in the app by themselves is not counted beside them.',
  response: { 200: counted('The number.', 'unread notifications'), ...problems(401, 429) },
};

const putAllRead = {
  tags,
  security,
  operationId: 'markAllRead',
  summary: 'Mark all of one’s notifications as read',
  description:
    'Those that still wait for another channel are then not sent there, as the person knows of them. Repeating the call is harmless.',
  response: {
    200: counted('How many were marked.', 'notifications that were unread'),
    ...problems(401, 429),
  },
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
