/**
 * Routes of the unsubscribe links in messages, which switch a channel off with one click and without signing
 * in. Mail programs post to them. Link scanners may send a GET, so only a POST has an effect.
 * https://www.rfc-editor.org/rfc/rfc8058
 */
import type { FastifyPluginAsync } from 'fastify';
import type { Static } from 'typebox';
import { findOptOut } from '../../notify/sql/find-opt-out.ts';
import { recordOptOut } from '../../notify/sql/record-opt-out.ts';
import { readUnsubscribeToken, type UnsubscribeGrant } from '../../notify/decide/unsubscribe.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { problems } from '../errors/problem.ts';
import {
  linkParams,
  pageBodyLimitBytes,
  pageResponse,
  sendPage,
  sendUnknownLink,
  servePages,
} from '../page.ts';
import { askPage, offPage, unknownLinkPage } from './unsubscribe-page.ts';

const tags = ['Preferences'];
const security: Record<string, string[]>[] = [];

type Unsubscribing = { Params: Static<typeof linkParams> };

export function unsubscribeRoutes({ db }: HttpDependencies): FastifyPluginAsync {
  return async (app) => {
    servePages(app);

    app.get<Unsubscribing>('/unsubscribe/:token', {
      schema: getUnsubscribe,
      handler: async (request, reply) => {
        const grant = readUnsubscribeToken(request.params.token);
        const found = grant && (await db.transaction([grant.tenantId], (sql) => findOptOut(sql, grant)));
        if (!grant || !found) return sendUnknownLink(request, reply, unknownLinkPage());
        return sendPage(reply, found.isOff ? offPage(grant.channel) : askPage(grant.channel));
      },
    });

    app.post<Unsubscribing>('/unsubscribe/:token', {
      schema: postUnsubscribe,
      bodyLimit: pageBodyLimitBytes,
      handler: async (request, reply) => {
        const grant = readUnsubscribeToken(request.params.token);
        if (!grant || !(await optOut(grant))) return sendUnknownLink(request, reply, unknownLinkPage());
        return sendPage(reply, offPage(grant.channel));
      },
    });
  };

  function optOut(grant: UnsubscribeGrant): Promise<boolean> {
    return db.transaction([grant.tenantId], (sql) => recordOptOut(sql, grant));
  }
}

const getUnsubscribe = {
  tags,
  security,
  operationId: 'showUnsubscribePage',
  summary: 'Show the page of an unsubscribe link',
  description: 'Changes nothing. The page has a button that posts to the same address.',
  params: linkParams,
  response: { 200: pageResponse('The channel to switch off, or that it is off.'), ...problems(404) },
};

const postUnsubscribe = {
  tags,
  security,
  operationId: 'unsubscribeChannel',
  summary: 'Switch a channel off with one click',
  description:
    'Switches the link’s channel off for its person (RFC 8058). The body may be empty or the form `List-Unsubscribe=One-Click`; it is ignored. Repeating the call is harmless. The person can switch the channel on again in their preferences.',
  params: linkParams,
  response: { 200: pageResponse('The channel is off.'), ...problems(404, 413) },
};
