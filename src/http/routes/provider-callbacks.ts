/** The route for providers to report the result of deliveries they accepted. */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { recordCallbacks } from '../../deliver/record-callback.ts';
import { type Callback, readDeliveryName } from '../../deliver/decide/callback.ts';
import {
  formMediaType,
  isForm,
  type ProviderRequest,
  requireCallable,
  requireProvider,
} from '../auth/provider-signature.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { acceptRaw, parseJson } from '../media-types.ts';
import { problems } from '../errors/problem.ts';
import {
  callbackBody,
  callbackParams,
  callbackQuery,
  readJsonCallbacks,
  readTwilioCallback,
} from '../schemas/provider-callback.ts';
import { notifications } from '../../notify/queue.ts';

type Request = FastifyRequest<ProviderRequest>;

const mediaTypes = ['application/json', formMediaType];

export function providerCallbackRoutes(deps: HttpDependencies): FastifyPluginAsync {
  return async (app) => {
    acceptRaw(app, mediaTypes);

    app.post<ProviderRequest>('/providers/:channel/callbacks', {
      onRequest: requireCallable(deps),
      preValidation: requireProvider(deps),
      schema: postCallback,
      // The schema is for the reference only. Nothing is parsed before its signature is verified.
      validatorCompiler: () => () => true,
      handler: async (request, reply) => {
        await record(deps, request, isForm(request) ? readForm(request) : readJson(request));
        return reply.code(204).send();
      },
    });
  };
}

/** Callbacks without a delivery are accepted too, because a provider would repeat them otherwise. */
function readJson(request: Request): Callback[] {
  const read = readJsonCallbacks(parseJson(request.body));
  const callbacks = read.filter((callback) => callback !== null);
  if (callbacks.length < read.length) logUnrelated(request, read.length - callbacks.length);
  return callbacks;
}

function readForm(request: Request): Callback[] {
  const { delivery } = request.query;
  const name = typeof delivery === 'string' ? readDeliveryName(delivery) : null;
  if (!name) logUnrelated(request, 1);
  const callback = name && readTwilioCallback(new URLSearchParams(request.body?.toString() ?? ''), name);
  return callback ? [callback] : [];
}

const logUnrelated = ({ log, params: { channel } }: Request, count: number): void =>
  log.info({ channel, count }, 'a provider told of what is no delivery of this service');

async function record(
  { db, clock, queues }: HttpDependencies,
  { id, log, params: { channel } }: Request,
  callbacks: readonly Callback[],
): Promise<void> {
  if (callbacks.length === 0) return;
  const {
    changed,
    unknown,
    notifications: affected,
  } = await recordCallbacks(db, channel, callbacks, clock.now());
  for (const { tenantId, deliveryId, status, reason } of changed)
    log.info({ tenantId, deliveryId, channel, status, reason }, 'a provider told of a delivery');
  for (const name of unknown)
    log.info({ ...name, channel }, 'a provider told of a delivery that is not there');
  await queues.enqueue(
    notifications,
    affected.map((ref) => ({ ...ref, correlationId: id })),
  );
}

const postCallback = {
  tags: ['Providers'],
  security: [{ webhookSignature: [] }, { twilioSignature: [] }],
  operationId: 'reportDelivery',
  summary: 'Report the result of a delivery',
  description:
    'For the providers of mail and SMS. JSON is signed by Standard Webhooks 1.0 with the operator’s `CALLBACK_SECRET`. A Twilio-compatible SMS provider posts its form to the given `StatusCallback`, signed in its own way. After a permanent `bounced` the address is not used any more, and the person is notified in the app. Repeating a callback is harmless, and a callback for an unknown delivery is accepted too. 404 if the channel’s providers do not call back, or if the service has no secret to check a signature with.',
  consumes: mediaTypes,
  params: callbackParams,
  querystring: callbackQuery,
  body: callbackBody,
  response: {
    204: Type.Null({ description: 'The callback is accepted.' }),
    ...problems(400, 401, 404, 413, 415),
  },
};
