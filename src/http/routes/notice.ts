/** The page of one notification, which every mail, SMS and push message links to. It shows why it came, and changes nothing. */
import type { FastifyPluginAsync } from 'fastify';
import type { Static } from 'typebox';
import { linkEnds } from '../../notify/decide/notice.ts';
import { readNotificationToken } from '../../notify/decide/notification-token.ts';
import { noticeOf } from '../../notify/messages/notice.ts';
import { findLinkedNotification } from '../../notify/sql/find-linked-notification.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { problems } from '../errors/problem.ts';
import {
  linkParams,
  pageResponse,
  renderPage,
  sendPage,
  sendUnknownLink,
  servePages,
} from '../pages/page.ts';
import { brokenLinkPage } from '../pages/unsubscribe-page.ts';

type Opening = { Params: Static<typeof linkParams> };

export function noticeRoutes({ db, clock }: Pick<HttpDependencies, 'db' | 'clock'>): FastifyPluginAsync {
  return async (app) => {
    servePages(app);

    app.get<Opening>('/n/:token', {
      schema: getNotice,
      handler: async (request, reply) => {
        const link = readNotificationToken(request.params.token);
        const found =
          link && (await db.transaction([link.tenantId], (sql) => findLinkedNotification(sql, link)));
        if (!found || Temporal.Instant.compare(clock.now(), linkEnds(found)) >= 0)
          return sendUnknownLink(request, reply, brokenLinkPage());
        return sendPage(reply, renderPage({ from: found.tenantName, ...noticeOf(found) }, found));
      },
    });
  };
}

const security: Record<string, string[]>[] = [];

const getNotice = {
  tags: ['Notifications'],
  security,
  operationId: 'showNotificationPage',
  summary: 'Show the page of one notification',
  description:
    'The page that a message links to: the notification, why it came, what delayed it, and how it was sent. It needs no session, changes nothing and works for 30 days. 404 for a link that is too old or nobody’s, also once its person is erased.',
  params: linkParams,
  response: { 200: pageResponse('The notification.'), ...problems(404) },
};
