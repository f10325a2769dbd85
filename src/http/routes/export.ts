/** Routes that export everything kept of a person, at the request of their service or of themselves. */
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify';
import type { Static } from 'typebox';
import { type AuditEntry, keyActor, recordAudit } from '../../accounts/audit-record.ts';
import { readUser } from '../../accounts/people.ts';
import { exportPerson } from '../../privacy/export-person.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { ApiKeys } from '../auth/api-key.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { notFound, problems, tooManyRequests } from '../errors/problem.ts';
import { exportSchema } from '../schemas/export.ts';
import { userParams } from '../schemas/user.ts';

/** Each holds a connection to the database for as long as its reader takes. */
const atOnce = 2;
const atMostMs = 600_000;
const tryAgainAfterSeconds = 10;

/** A service that asks for somebody else is on record. */
type Asker = Pick<AuditEntry, 'actor' | 'address'>;

export type Export = (person: PersonRef, reply: FastifyReply, asker: Asker | null) => Promise<FastifyReply>;

/** Answers 404 if nobody is registered, and 429 while others are exported. A failure later breaks the answer off. */
export function createExport(deps: HttpDependencies): Export {
  let running = 0;
  return async ({ tenantId, userId }, reply, asker) => {
    const person = { tenantId, userId };
    if (!(await deps.db.transaction([tenantId], (sql) => readUser(sql, person)))) throw notFound();
    if (running >= atOnce) throw tooManyRequests('Others are exported just now.', tryAgainAfterSeconds);
    // At once, so that requests that come meanwhile count it.
    running += 1;
    try {
      if (asker) await recordAudit(deps.db.sql, { action: 'person.exported', ...asker, ...person });
    } catch (error) {
      running -= 1;
      throw error;
    }
    const body = new PassThrough();
    const timer = setTimeout(() => body.destroy(new Error('the reader is too slow')), atMostMs).unref();
    void writeTo(body, deps, person).finally(() => {
      running -= 1;
      clearTimeout(timer);
    });
    const name = `attachment; filename="export.json"`;
    return reply.type('application/json; charset=utf-8').header('content-disposition', name).send(body);
  };
}

/** Never rejects. */
async function writeTo(
  body: PassThrough,
  { db, clock, log }: HttpDependencies,
  person: PersonRef,
): Promise<void> {
  const gone = once(body, 'close').then(() => {
    throw new Error('the reader has left');
  });
  gone.catch(() => undefined);
  try {
    const isKnown = await exportPerson(db, person, clock.now(), async (text) => {
      if (!body.write(text)) await Promise.race([once(body, 'drain'), gone]);
    });
    if (!isKnown) throw new Error('the person was erased meanwhile');
    body.end();
  } catch (error) {
    log.warn({ err: error, tenantId: person.tenantId }, 'an export was broken off');
    body.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** For services, with a key of scope `admin`. */
export const userExportRoutes = (exportOf: Export, keys: ApiKeys): FastifyPluginAsync => {
  return async (app) => {
    app.get<{ Params: Static<typeof userParams> }>('/users/:userId/export', {
      onRequest: keys.require('admin'),
      schema: exportUser,
      handler: ({ service, params, ip }, reply) => {
        const person = { tenantId: service.tenantId, userId: params.userId };
        return exportOf(person, reply, { actor: keyActor(service.keyId), address: ip });
      },
    });
  };
};

/** For people with their token. */
export function ownExportRoute(app: FastifyInstance, exportOf: Export): void {
  app.get('/me/export', { schema: exportMe, handler: ({ person }, reply) => exportOf(person, reply, null) });
}

const description =
  'One JSON document with everything kept of the person, sent while it is read, so that a failure in between ends the answer before its last brace. It has no secrets and nothing of other people. Two at a time are answered by a process.';

const exportUser = {
  tags: ['People and categories'],
  security: [{ apiKey: [] }],
  operationId: 'exportUser',
  summary: 'Export a person',
  description: `Needs a key of scope \`admin\`. ${description}`,
  params: userParams,
  response: { 200: exportSchema, ...problems(400, 401, 404, 429) },
};

const exportMe = {
  tags: ['Personal data'],
  security: [{ userToken: [] }],
  operationId: 'exportMe',
  summary: 'Export oneself',
  description,
  response: { 200: exportSchema, ...problems(401, 404, 429) },
};
