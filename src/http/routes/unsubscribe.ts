/**
 * Routes of the unsubscribe links in messages, which end what a message is with one click and without signing in. Mail
 * programs post to them. Link scanners may send a GET, so only a POST has an effect.
 * https://www.rfc-editor.org/rfc/rfc8058
 */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { stopState } from '../../notify/decide/message-stop.ts';
import { readUnsubscribeToken, type UnsubscribeGrant } from '../../notify/decide/unsubscribe.ts';
import { type LinkFacts, readStopFacts } from '../../notify/sql/read-stop-facts.ts';
import { stopMessages } from '../../settings/stop-messages.ts';
import type { StopChoice } from '../../values/message-stop.ts';
import type { CachedRules } from '../cached/cached-rules.ts';
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
import { brokenLinkPage, choiceField, stopPage } from '../pages/unsubscribe-page.ts';

const tags = ['Preferences'];
const security: Record<string, string[]>[] = [];

type Unsubscribing = { Params: Static<typeof linkParams>; Body: Buffer | null | undefined };

export function unsubscribeRoutes({ db, clock }: HttpDependencies, rules: CachedRules): FastifyPluginAsync {
  return async (app) => {
    servePages(app);

    app.get<Unsubscribing>('/unsubscribe/:token', {
      schema: getUnsubscribe,
      handler: async (request, reply) => {
        const grant = readUnsubscribeToken(request.params.token);
        const facts = grant && (await db.transaction([grant.tenantId], (sql) => readStopFacts(sql, grant)));
        return grant && facts
          ? sendPage(reply, pageOf(grant, facts))
          : sendUnknownLink(request, reply, brokenLinkPage());
      },
    });

    app.post<Unsubscribing>('/unsubscribe/:token', {
      schema: postUnsubscribe,
      bodyLimit: pageBodyLimitBytes,
      handler: async (request, reply) => {
        const grant = readUnsubscribeToken(request.params.token);
        const facts = grant && (await stopMessages(db, grant, choiceOf(request), clock.now()));
        if (!grant || !facts) return sendUnknownLink(request, reply, brokenLinkPage());
        rules.forget(grant);
        return sendPage(reply, pageOf(grant, facts));
      },
    });
  };

  function pageOf(grant: UnsubscribeGrant, facts: LinkFacts): string {
    return stopPage(stopState(grant, facts, clock.now()), facts.tenantName, { locale: facts.locale });
  }
}

/** The button that was pressed. Everything that mail programs post means the first. */
function choiceOf({ body, mediaType }: FastifyRequest<Unsubscribing>): StopChoice | 'undo' {
  const isForm = mediaType === 'application/x-www-form-urlencoded';
  const choice = isForm ? new URLSearchParams(body?.toString()).get(choiceField) : null;
  return choice === 'fewer' || choice === 'all' || choice === 'undo' ? choice : 'stop';
}

const getUnsubscribe = {
  tags,
  security,
  operationId: 'showUnsubscribePage',
  summary: 'Show the page of an unsubscribe link',
  description:
    'Changes nothing. The page has buttons that post to the same address: to end what the message is, to get less of it, or to end the whole channel. After that it offers to undo it, for 30 days.',
  params: linkParams,
  response: { 200: pageResponse('What the link ends, or has ended.'), ...problems(404) },
};

const postUnsubscribe = {
  tags,
  security,
  operationId: 'stopMessages',
  summary: 'End what a message is, with one click',
  description:
    'Ends what the link’s message is, on its channel (RFC 8058): the alerts of its budgets, or its digest. A link sent by version 0.4 or earlier ends the channel. The body may be empty or the form `List-Unsubscribe=One-Click`. A form with `choice` does something else: `fewer` for less of it, `all` for the whole channel, `undo` for the last of these within 30 days. Repeating the call is harmless. The person’s settings show what has changed: the channels and quota of the budget, the digest and the channels of their preferences.',
  params: linkParams,
  response: { 200: pageResponse('What the link has ended.'), ...problems(404, 413) },
};
