/**
 * Routes of the unsubscribe links in messages, which switch a channel off with one click and without signing
 * in. Mail programs post to them. Link scanners may send a GET, so only a POST has an effect.
 * https://www.rfc-editor.org/rfc/rfc8058
 */
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { findOptOut } from '../../notify/sql/find-opt-out.ts';
import { recordOptOut } from '../../notify/sql/record-opt-out.ts';
import { readUnsubscribeToken, type UnsubscribeGrant } from '../../notify/decide/unsubscribe.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { askPage, offPage, unknownLinkPage, unsubscribePolicy } from './unsubscribe-page.ts';
import { notFound, problems } from '../errors/problem.ts';

const tags = ['Preferences'];
const security: Record<string, string[]>[] = [];

/** `List-Unsubscribe=One-Click` has about 200 bytes in either kind of form. */
const bodyLimitBytes = 4096;

type Unsubscribing = { Params: Static<typeof params> };

export function unsubscribeRoutes({ db }: HttpDependencies): FastifyPluginAsync {
  return async (app) => {
    ignoreBodies(app);
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('content-security-policy', unsubscribePolicy).header('referrer-policy', 'no-referrer');
    });

    app.get<Unsubscribing>('/unsubscribe/:token', {
      schema: getUnsubscribe,
      handler: async (request, reply) => {
        const grant = readUnsubscribeToken(request.params.token);
        const found = grant && (await db.transaction([grant.tenantId], (sql) => findOptOut(sql, grant)));
        if (!grant || !found) return unknownLink(request, reply);
        return sendPage(reply, found.isOff ? offPage(grant.channel) : askPage(grant.channel));
      },
    });

    app.post<Unsubscribing>('/unsubscribe/:token', {
      schema: postUnsubscribe,
      bodyLimit: bodyLimitBytes,
      handler: async (request, reply) => {
        const grant = readUnsubscribeToken(request.params.token);
        if (!grant || !(await optOut(grant))) return unknownLink(request, reply);
        return sendPage(reply, offPage(grant.channel));
      },
    });
  };

  function optOut(grant: UnsubscribeGrant): Promise<boolean> {
    return db.transaction([grant.tenantId], (sql) => recordOptOut(sql, grant));
  }
}

/** The body is ignored, because the POST itself is enough and mail programs differ in the rest. */
function ignoreBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
}

const sendPage = (reply: FastifyReply, page: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(page);

/** Programs get a problem document, as on all other routes. */
function unknownLink(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!request.headers.accept?.includes('text/html')) throw notFound();
  return sendPage(reply.code(404), unknownLinkPage());
}

const params = Type.Object({
  token: Type.String({ description: 'the token of the message’s link; it is the only credential' }),
});

const page = (description: string) => ({
  description,
  content: { 'text/html': { schema: Type.String() } },
});

const getUnsubscribe = {
  tags,
  security,
  summary: 'Show the page of an unsubscribe link',
  description: 'Changes nothing. The page has a button that posts to the same address.',
  params,
  response: { 200: page('The channel to switch off, or that it is off.'), ...problems(404) },
};

const postUnsubscribe = {
  tags,
  security,
  summary: 'Switch a channel off with one click',
  description:
    'Switches the link’s channel off for its person (RFC 8058). The body may be empty or the form `List-Unsubscribe=One-Click`; it is ignored. Repeating the call is harmless. The person can switch the channel on again in their preferences.',
  params,
  response: { 200: page('The channel is off.'), ...problems(404, 413) },
};
