/** Routes for services to update their people. */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { keyActor } from '../../accounts/audit-record.ts';
import type { Static } from 'typebox';
import { putUser, type UserChanges } from '../../settings/put-user.ts';
import { addressConfirmations } from '../../deliver/confirmations/queue.ts';
import { linkUrlOf } from '../../runtime/config/link-url.ts';
import { readUser, type User } from '../../accounts/people.ts';
import type { ApiKeys } from '../auth/api-key.ts';
import type { CachedRules } from '../cached/cached-rules.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { followEvaluation } from '../follow-evaluation.ts';
import { notFound, problems } from '../errors/problem.ts';
import { userChanges, userParams, userSchema, usualNames } from '../schemas/user.ts';

type Person = { tenantId: string; userId: string };

const tags = ['People and categories'];
const security = [{ apiKey: [] }];

export function userRoutes(deps: HttpDependencies, keys: ApiKeys, rules: CachedRules): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRequest', keys.require('admin'));

    app.get<{ Params: Static<typeof userParams> }>('/users/:userId', {
      schema: getUser,
      handler: (request) => readKnown(deps, { ...request.service, ...request.params }),
    });

    app.put<{ Params: Static<typeof userParams>; Body: Static<typeof userChanges> }>('/users/:userId', {
      schema: changeUser,
      handler: async (request) => {
        const person = { ...request.service, ...request.params };
        await change(deps, person, canonical(request.body), request);
        rules.forget(person);
        return readKnown(deps, person);
      },
    });
  };
}

async function readKnown({ db }: HttpDependencies, person: Person): Promise<User> {
  const user = await db.transaction([person.tenantId], (sql) => readUser(sql, person));
  if (!user) throw notFound();
  return user;
}

const canonical = ({ timezone, locale, ...others }: Static<typeof userChanges>) => ({
  ...others,
  ...usualNames({ timezone, locale }),
});

/**
 * In another time zone expenses may belong to other days. Levels may open or resolve, so their notifications
 * are decided at once.
 */
async function change(
  deps: HttpDependencies,
  person: Person,
  changes: UserChanges,
  { id, ip, service }: FastifyRequest,
): Promise<void> {
  const { evaluated, confirmations } = await putUser(deps.db, person, changes, deps.clock.now(), {
    asker: { actor: keyActor(service.keyId), address: ip },
    confirmation: {
      mustConfirm: false,
      linkUrl: linkUrlOf(deps.config),
      monthlyLimits: deps.config.monthlyLimits,
    },
  });
  await followEvaluation(deps, evaluated, id);
  await deps.queues.enqueue(
    addressConfirmations,
    confirmations.map((asked) => ({ ...asked, correlationId: id })),
  );
}

const changeUser = {
  tags,
  security,
  operationId: 'updateUser',
  summary: 'Update a person',
  description:
    'Registers the person if they are new. When the time zone changes, the days of their expenses are recomputed, beyond 1,000 of them by a job after the answer. If the tenant was made with `--confirm-addresses`, a new email address or phone number is in `unconfirmed` until the person opens the link sent to it and confirms; until then the one before stays in use. Null removes both. 409: the link cannot be sent. 429: too many were sent, at most one an hour for an address and five a day for a person and channel.',
  params: userParams,
  body: userChanges,
  response: { 200: userSchema, ...problems(400, 401, 404, 409, 429) },
};

const getUser = {
  tags,
  security,
  operationId: 'getUser',
  summary: 'Read a person',
  description: 'A person exists from their first event, first token or first `PUT`.',
  params: userParams,
  response: { 200: userSchema, ...problems(401, 404) },
};
