/** Routes of the links in messages that ask people to confirm an address. */
import type { FastifyPluginAsync } from 'fastify';
import type { Static } from 'typebox';
import { confirmAddress, findConfirmation } from '../../accounts/address-confirmations.ts';
import { type ConfirmationGrant, readConfirmationToken } from '../../accounts/confirmation-token.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { AddressChannel } from '../../values/channels.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { problems } from '../errors/problem.ts';
import {
  linkParams,
  pageBodyLimitBytes,
  pageResponse,
  sendPage,
  sendUnknownLink,
  servePages,
} from '../pages/page.ts';
import { askToConfirmPage, confirmedPage, unknownConfirmationPage } from '../pages/confirm-page.ts';

type Confirming = { Params: Static<typeof linkParams> };

export function confirmRoutes({ db }: Pick<HttpDependencies, 'db'>): FastifyPluginAsync {
  return async (app) => {
    servePages(app);

    app.get<Confirming>('/confirm/:token', {
      schema: getConfirm,
      handler: async (request, reply) => {
        const channel = await channelOf(request.params.token, findChannel);
        return channel
          ? sendPage(reply, askToConfirmPage(channel))
          : sendUnknownLink(request, reply, unknownConfirmationPage());
      },
    });

    app.post<Confirming>('/confirm/:token', {
      schema: postConfirm,
      bodyLimit: pageBodyLimitBytes,
      handler: async (request, reply) => {
        const channel = await channelOf(request.params.token, confirmAddress);
        return channel
          ? sendPage(reply, confirmedPage(channel))
          : sendUnknownLink(request, reply, unknownConfirmationPage());
      },
    });
  };

  async function channelOf(
    token: string,
    find: (sql: Sql, grant: ConfirmationGrant) => Promise<AddressChannel | null>,
  ): Promise<AddressChannel | null> {
    const grant = readConfirmationToken(token);
    return grant && db.transaction([grant.tenantId], (sql) => find(sql, grant));
  }
}

const findChannel = async (sql: Sql, grant: ConfirmationGrant): Promise<AddressChannel | null> =>
  (await findConfirmation(sql, grant))?.channel ?? null;

const tags = ['People and categories'];
const security: Record<string, string[]>[] = [];

const getConfirm = {
  tags,
  security,
  operationId: 'showConfirmationPage',
  summary: 'Show the page of a confirmation link',
  description:
    'Changes nothing. The page has a button that posts to the same address. A link works once, for seven days.',
  params: linkParams,
  response: { 200: pageResponse('Whether to confirm the address.'), ...problems(404) },
};

const postConfirm = {
  tags,
  security,
  operationId: 'confirmAddress',
  summary: 'Confirm an address',
  description:
    'Takes the address that the link was sent to into use, in place of the one before. The body is ignored.',
  params: linkParams,
  response: { 200: pageResponse('The address is confirmed.'), ...problems(404, 413) },
};
