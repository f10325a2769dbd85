/** Routes that erase a person, at the request of their service or of themselves. */
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Static } from 'typebox';
import { keyActor } from '../../accounts/audit-record.ts';
import { erasePerson } from '../../privacy/erase-person.ts';
import type { Deleted } from '../../privacy/delete-rows.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { ApiKeys } from '../auth/api-key.ts';
import type { Erasures } from '../auth/erasures.ts';
import { forgetPerson } from '../cached/forget-person.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { notFound, problems } from '../errors/problem.ts';
import { deletedRows } from '../schemas/erasure.ts';
import { userParams } from '../schemas/user.ts';

type Asker = Parameters<typeof erasePerson>[2];
export type Erase = (person: PersonRef, asker: Asker) => Promise<{ deleted: Deleted }>;

/** Erases, and then forgets the person in this process and in the shared cache. Answers 404 if nobody is registered. */
export const createErase =
  (deps: HttpDependencies, erasures: Erasures): Erase =>
  async ({ tenantId, userId }, asker) => {
    const person = { tenantId, userId };
    const deleted = await erasePerson(deps, person, asker);
    if (!deleted) throw notFound();
    erasures.forget(tenantId);
    if (deps.caches) await forgetPerson(deps, deps.caches, person);
    return { deleted };
  };

/** For services, with a key of scope `admin`. */
export const userErasureRoutes = (erase: Erase, keys: ApiKeys): FastifyPluginAsync => {
  return async (app) => {
    app.delete<{ Params: Static<typeof userParams> }>('/users/:userId', {
      onRequest: keys.require('admin'),
      schema: deleteUser,
      handler: ({ service, params, ip }) =>
        erase({ ...service, ...params }, { actor: keyActor(service.keyId), address: ip }),
    });
  };
};

/** For people with their token. */
export function ownErasureRoute(app: FastifyInstance, erase: Erase): void {
  app.delete('/me', { schema: deleteMe, handler: ({ person }) => erase(person, { actor: 'the person' }) });
}

const description =
  'Deletes every row that holds something of the person, also events that are not evaluated yet. For 30 days a keyed hash of the id remains. Tokens issued before are refused with 401, and events received before are gone: their status is 404. An event received later registers a new, unknown person. Somebody with very many rows may be answered with 503 while the work goes on.';

const deleteUser = {
  tags: ['People and categories'],
  security: [{ apiKey: [] }],
  operationId: 'eraseUser',
  summary: 'Erase a person',
  description: `Needs a key of scope \`admin\`. ${description}`,
  params: userParams,
  response: { 200: deletedRows, ...problems(400, 401, 404) },
};

const deleteMe = {
  tags: ['Personal data'],
  security: [{ userToken: [] }],
  operationId: 'eraseMe',
  summary: 'Erase oneself',
  description,
  response: { 200: deletedRows, ...problems(401, 404, 429) },
};
