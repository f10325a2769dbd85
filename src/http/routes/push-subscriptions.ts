/** Routes for people’s browsers to subscribe to web push. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { deletePushSubscription } from '../../deliver/channels/push/delete-push-subscription.ts';
import { listPushSubscriptions } from '../../deliver/channels/push/list-push-subscriptions.ts';
import { maxSubscriptions, putPushSubscription } from '../../deliver/channels/push/put-push-subscription.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { notFound, problems } from '../errors/problem.ts';
import {
  pushSubscriptionBody,
  type PushSubscriptionBody,
  subscriptionDraft,
  subscriptionParams,
  subscriptionSchema,
  subscriptionView,
} from '../schemas/push-subscription.ts';

const tags = ['Preferences'];
const security = [{ userToken: [] }];

export function pushSubscriptionRoutes({ db, clock, config }: HttpDependencies): FastifyPluginAsync {
  return async (app) => {
    app.get('/push-key', {
      schema: getKey,
      handler: async () => {
        if (!config.push) throw notFound('Push is not configured.');
        return { data: { publicKey: config.push.publicKey } };
      },
    });

    app.post<{ Body: PushSubscriptionBody }>('/push-subscriptions', {
      schema: { ...postSubscription, body: pushSubscriptionBody(config.pushHosts) },
      handler: async ({ person, body }, reply) => {
        const createdAt = clock.now();
        const draft = subscriptionDraft(body);
        const id = await db.transaction([person.tenantId], (sql) =>
          putPushSubscription(sql, person, draft, createdAt),
        );
        void reply.code(201);
        return { data: subscriptionView({ id, endpoint: draft.endpoint, createdAt }) };
      },
    });

    app.get('/push-subscriptions', {
      schema: getSubscriptions,
      handler: async ({ person }) => {
        const known = await db.transaction([person.tenantId], (sql) => listPushSubscriptions(sql, person));
        return { data: known.map(subscriptionView) };
      },
    });

    app.delete<{ Params: Static<typeof subscriptionParams> }>('/push-subscriptions/:id', {
      schema: deleteSubscription,
      handler: async ({ person, params: { id } }, reply) => {
        const isDeleted = await db.transaction([person.tenantId], (sql) =>
          deletePushSubscription(sql, person, id),
        );
        if (!isDeleted) throw notFound();
        return reply.code(204).send();
      },
    });
  };
}

const getKey = {
  tags,
  security,
  operationId: 'getPushKey',
  summary: 'Read the public key for push subscriptions',
  description:
    'The service’s VAPID public key (RFC 8292), in base64url. It is the `applicationServerKey` of `pushManager.subscribe()`. 404 if push is not configured.',
  response: {
    200: Type.Object({ data: Type.Object({ publicKey: Type.String() }) }, { description: 'The key.' }),
    ...problems(401, 404, 429),
  },
};

const postSubscription = {
  tags,
  security,
  operationId: 'createPushSubscription',
  summary: 'Subscribe a browser to push notifications',
  description: `Accepts the result of \`PushSubscription.toJSON()\`. A known endpoint keeps its id and its keys are replaced. A person has at most ${maxSubscriptions} subscriptions. Beyond that, the one with the oldest \`createdAt\` is removed.`,
  response: {
    201: Type.Object({ data: subscriptionSchema }, { description: 'The browser is subscribed.' }),
    ...problems(400, 401, 429),
  },
};

const getSubscriptions = {
  tags,
  security,
  operationId: 'listPushSubscriptions',
  summary: 'List one’s push subscriptions',
  description: 'All subscriptions, latest first, without their keys.',
  response: {
    200: Type.Object({ data: Type.Array(subscriptionSchema) }, { description: 'All subscriptions.' }),
    ...problems(401, 429),
  },
};

const deleteSubscription = {
  tags,
  security,
  operationId: 'deletePushSubscription',
  summary: 'Unsubscribe a browser from push notifications',
  description: 'Deletes the subscription. It is also deleted when its push service reports that it is gone.',
  params: subscriptionParams,
  response: { 204: Type.Null({ description: 'The subscription is deleted.' }), ...problems(401, 404, 429) },
};
