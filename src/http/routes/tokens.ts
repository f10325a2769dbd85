/** The route for services to get tokens for their people. */
import type { FastifyPluginAsync } from 'fastify';
import type { Static } from 'typebox';
import { keyActor, recordAudit } from '../../accounts/audit-record.ts';
import type { ApiKeys } from '../auth/api-key.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { notFound, problems } from '../errors/problem.ts';
import { issuedToken, tokenRequest } from '../schemas/token.ts';

export function tokenRoutes({ db, tokens }: HttpDependencies, keys: ApiKeys): FastifyPluginAsync {
  return async (app) => {
    app.post<{ Body: Static<typeof tokenRequest> }>('/tokens', {
      onRequest: keys.require('admin'),
      schema: postToken,
      handler: async (request, reply) => {
        const issued = await tokens.sign({ ...request.service, ...request.body });
        if (!issued) throw notFound('Tokens are made by the login service this one trusts.');
        const { tenantId, keyId } = request.service;
        const entry = { action: 'token.made', actor: keyActor(keyId), tenantId } as const;
        request.log.info({ component: 'audit', action: entry.action, tenantId, keyId }, 'a token was made');
        await recordAudit(db.sql, { ...entry, userId: request.body.userId, address: request.ip });
        const expiresAt = issued.expiresAt.toString();
        return reply.code(201).send({ token: issued.token, expiresAt });
      },
    });
  };
}

const postToken = {
  tags: ['Tokens'],
  security: [{ apiKey: [] }],
  operationId: 'createToken',
  summary: 'Make a token for a person',
  description:
    'Needs a key of scope `admin`. The token ends with the key that made it. 404 if tokens come from a JWKS.',
  body: tokenRequest,
  response: { 201: issuedToken, ...problems(400, 401, 404) },
};
