/** People’s browsers ask to be told by web push. */
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
  summary: 'Read the key browsers subscribe with',
  description:
    'The service’s VAPID public key (RFC 8292), in base64url: `applicationServerKey` of `pushManager.subscribe()`. 404 where push is not configured.',
  response: {
    200: Type.Object({ data: Type.Object({ publicKey: Type.String() }) }, { description: 'The key.' }),
    ...problems(401, 404, 429),
  },
};

const postSubscription = {
  tags,
  security,
  summary: 'Be told by push in a browser',
  description: `Takes what \`PushSubscription.toJSON()\` gives. An endpoint that is known already keeps its id and gets its keys replaced. A person has at most ${maxSubscriptions}: beyond, the one longest unnamed goes.`,
  response: {
    201: Type.Object({ data: subscriptionSchema }, { description: 'It is subscribed.' }),
    ...problems(400, 401, 429),
  },
};

const getSubscriptions = {
  tags,
  security,
  summary: 'List the browsers one is told in by push',
  description: 'The latest first, all of them, without their keys.',
  response: {
    200: Type.Object({ data: Type.Array(subscriptionSchema) }, { description: 'Every one.' }),
    ...problems(401, 429),
  },
};

const deleteSubscription = {
  tags,
  security,
  summary: 'No longer be told by push in a browser',
  description: 'Forgets it. It is also forgotten once its push service says that it is gone.',
  params: subscriptionParams,
  response: { 204: Type.Null({ description: 'It is forgotten.' }), ...problems(401, 404, 429) },
};
