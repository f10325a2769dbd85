/** The route for services to post expense events by signed webhook. */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { WebhookSources, type WebhookRequest } from '../auth/webhook-signature.ts';
import { refuseBinaryMode } from '../binary-mode.ts';
import type { BodyTurns } from '../body-turns.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { createIntake, refuseWhenFull } from '../intake.ts';
import { acceptRaw, assertContentMode, eventMediaTypes, parseJson } from '../media-types.ts';
import { problemResponse, problems } from '../errors/problem.ts';
import { eventsBody, eventsLimitBytes, rejectedEvents, takenEvents } from '../schemas/event.ts';
import { webhookHeaders, webhookParams } from '../schemas/webhook.ts';

export function webhookRoutes(deps: HttpDependencies, bodies: BodyTurns): FastifyPluginAsync {
  const tenantOf = ({ webhookSource }: FastifyRequest): string | null => webhookSource.tenantId;
  const signerOf = ({ webhook }: FastifyRequest): string => webhook.tenantId;
  return async (app) => {
    acceptRaw(app);
    app.decorateRequest('webhook');
    app.decorateRequest('webhookSource');
    const intake = createIntake(deps);
    const sources = new WebhookSources(deps);

    app.post<WebhookRequest>('/webhooks/:sourceId', {
      onRequest: [sources.screen(), refuseWhenFull(deps, tenantOf)],
      bodyLimit: eventsLimitBytes,
      // A stranger who sends no signature must not take the tenant's turn.
      preValidation: [sources.verify(), bodies.wait(signerOf)],
      schema: postWebhook,
      // The schema is for the reference only. A wrong path or header is answered like a wrong signature, and
      // the intake validates the body.
      validatorCompiler: () => () => true,
      handler: async (request, reply) => {
        const { tenantId, sourceId: source, ownIds } = request.webhook;
        refuseBinaryMode(request);
        const body = parseJson(request.body);
        assertContentMode(request.mediaType, body);
        const answer = await intake(body, { tenantId, source, ownIds }, () => bodies.end(request));
        return reply.code(202).send(answer);
      },
    });
  };
}

const postWebhook = {
  tags: ['Events'],
  security: [{ webhookSignature: [] }],
  operationId: 'postWebhookEvents',
  summary: 'Post expense events by webhook',
  description:
    'The bodies of `POST /api/events`, signed by Standard Webhooks 1.0: HMAC-SHA256 over id, timestamp and the unchanged body. The webhook’s id replaces the `source` of the events. A webhook made with `--own-ids` keeps its expenses apart from those of other senders: their ids begin with the webhook’s id and a colon. Headers `svix-id`, `svix-timestamp` and `svix-signature` are read too. The binary mode of CloudEvents is refused, because its headers are not signed. Posting again is harmless. A wrong signature, a timestamp more than five minutes off and an unknown webhook all get the same answer.',
  consumes: [...eventMediaTypes],
  params: webhookParams,
  headers: webhookHeaders,
  body: eventsBody,
  response: {
    202: takenEvents,
    ...problems(401, 409, 413, 415, 429),
    400: problemResponse(400, { rejected: rejectedEvents }),
  },
};
