/**
 * The operator's pages under /admin: the queue board, behind HTTP Basic. They exist only if an operator is
 * configured.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import basicAuth from '@fastify/basic-auth';
import type { FastifyPluginAsync, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { recordHappened } from './audit.ts';
import type { RefusedSignIns } from './auth/refused-sign-ins.ts';
import type { HttpDependencies } from './dependencies.ts';
import { allowOwnSourcesOnly } from './content-security.ts';
import { answerError } from './errors/error-handler.ts';
import { notFound, Problem } from './errors/problem.ts';

type Operator = { user: string; password: string };

const boardPath = '/admin/queues';

export function operatorPages(
  operator: Operator,
  deps: HttpDependencies,
  refused: RefusedSignIns,
): FastifyPluginAsync {
  return async (app) => {
    await app.register(basicAuth, {
      authenticate: { realm: 'spendwatch' },
      validate: async (user, password, request) => {
        await refused.assertMayTry(request, operator.user);
        if (isOperator(operator, { user, password })) return refused.noteRightPassword(request);
        await refused.noteWrongPassword(request, operator.user);
        throw new Problem(401, { headers: challenge });
      },
    });
    // The error is answered here and not thrown, because the board has its own error handler.
    app.addHook('onRequest', (request, reply, done) => {
      const refuse = (error: unknown) => answerError(error, request, reply);
      if (isForged(request)) return refuse(notFound());
      return app.basicAuth(request, reply, (error) => (error ? refuse(error) : done()));
    });
    app.addHook('onRequest', allowOwnSourcesOnly);
    app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));
    app.addHook('onResponse', (request, reply) => recordChange(deps, operator, request, reply));
    await app.register(board(deps.queues), { prefix: boardPath });
  };
}

/** Records what was done on the board. A refused request is none of the operator's. */
async function recordChange(
  deps: HttpDependencies,
  { user }: Operator,
  { method, routeOptions, params, ip }: FastifyRequest,
  { statusCode }: FastifyReply,
): Promise<void> {
  if (isReading(method) || statusCode >= 400) return;
  const details = { method, route: routeOptions.url, ...(params as object) };
  await recordHappened(deps, { action: 'board.changed', actor: `operator ${user}`, address: ip, details });
}

const isReading = (method: string): boolean => method === 'GET' || method === 'HEAD';

const challenge = { 'www-authenticate': 'Basic realm="spendwatch"' };

function board(queues: HttpDependencies['queues']): FastifyPluginCallback {
  const adapter = new FastifyAdapter();
  adapter.setBasePath(boardPath);
  createBullBoard({
    queues: queues.all.map((queue) => new BullMQAdapter(queue)),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Spendwatch' } },
  });
  return adapter.registerPlugin();
}

/** User and password are compared at once, so that the time does not reveal which part was right. */
const isOperator = (operator: Operator, given: Operator): boolean =>
  timingSafeEqual(digestOf(operator), digestOf(given));

const digestOf = ({ user, password }: Operator): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([user, password]))
    .digest();

/**
 * A browser sends the password along with requests that another site causes. It says so in Sec-Fetch-Site, but not to a
 * plain http address of a local network. There its Origin differs from the Host.
 */
function isForged({ method, headers }: FastifyRequest): boolean {
  if (isReading(method)) return false;
  const site = headers['sec-fetch-site'] ?? 'none';
  if (site !== 'same-origin' && site !== 'none') return true;
  const { origin, host } = headers;
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
}
