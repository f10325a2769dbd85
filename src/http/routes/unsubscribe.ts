/**
 * The links in messages that end a channel with one click, without signing in. Mail programs post to them by
 * themselves, and whatever looks ahead at links may get them: so only a POST acts.
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

/** `List-Unsubscribe=One-Click`, in either kind of form, is some 200 bytes. */
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

/** That it was posted says all; of what it says beyond, mail programs are not of one mind. */
function ignoreBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
}

const sendPage = (reply: FastifyReply, page: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(page);

/** Programs get a problem document, as everywhere. */
function unknownLink(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!request.headers.accept?.includes('text/html')) throw notFound();
  return sendPage(reply.code(404), unknownLinkPage());
}

const params = Type.Object({
  token: Type.String({ description: 'as it came in the message; it is the only credential there is' }),
});

const page = (description: string) => ({
  description,
  content: { 'text/html': { schema: Type.String() } },
});

const getUnsubscribe = {
  tags,
  security,
  summary: 'Show what an unsubscribe link ends',
  description: 'Changes nothing: a page with a button that posts to the same address.',
  params,
  response: { 200: page('What would be switched off, or that it is.'), ...problems(404) },
};

const postUnsubscribe = {
  tags,
  security,
  summary: 'End a channel with one click',
  description:
    'Switches the channel of the link’s message off for its person (RFC 8058). The body may be empty, or the form `List-Unsubscribe=One-Click`; it is not looked at. Again is harmless. One’s preferences switch it on again.',
  params,
  response: { 200: page('It is off.'), ...problems(404, 413) },
};
