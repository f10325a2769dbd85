/** Routes for the operator's monitoring: liveness, readiness and metrics. */
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import type { HttpDependencies } from '../dependencies.ts';
import { sharedFor } from '../../runtime/shared-for.ts';
import { within } from '../../runtime/within.ts';

type Check = { ok: true } | { ok: false; reason: string };

export function healthRoutes({ db, queues, metrics, whyJobsRest }: HttpDependencies): FastifyPluginAsync {
  const jobs = sharedFor(jobsKeptMs, async () => {
    const reason = await whyJobsRest();
    if (reason !== null) throw new Error(reason);
  });
  const probe = sharedFor(probeKeptMs, () => queues.probe());
  return async (app) => {
    app.get('/health/live', { schema: live, handler: () => ({ status: 'ok' }) });

    app.get('/health/ready', {
      schema: ready,
      handler: async (_request, reply) => {
        const [database, store, run] = await Promise.all([
          check(() => db.ping()),
          check(() => queues.ping().then(probe)),
          check(jobs),
        ]);
        const isReady = database.ok && store.ok;
        if (!isReady) reply.code(503).header('retry-after', '2');
        const checks = { database, [queues.dependency]: store, jobs: run };
        return { status: isReady ? (run.ok ? 'ok' : 'degraded') : 'unavailable', checks };
      },
    });

    app.get('/metrics', {
      schema: scrape,
      handler: async (_request, reply) => {
        const text = await metrics.registry.metrics();
        return reply.type(metrics.registry.contentType).send(text);
      },
    });
  };
}

const pingTimeoutMs = 2_000;
/** Anybody may ask, and as often as they like. */
const jobsKeptMs = 1_000;
const probeKeptMs = 5_000;

/** A dependency that does not answer in time counts as down. */
async function check(ping: () => Promise<void>): Promise<Check> {
  try {
    await within(pingTimeoutMs, ping());
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/** Anybody may ask, so addresses in the message of a failed connection are left out. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `cannot be reached (${String(error.code)})` : error.message;
}

const tags = ['Operation'];

const live = {
  tags,
  operationId: 'checkLiveness',
  summary: 'Is the process alive',
  description: 'Answers while the process runs. It does not check dependencies.',
  response: { 200: Type.Object({ status: Type.Literal('ok') }, { description: 'The process is alive.' }) },
};

const checkSchema = Type.Object({
  ok: Type.Boolean(),
  reason: Type.Optional(Type.String({ description: 'what is wrong' })),
});

const readiness = (statuses: readonly string[], description: string) =>
  Type.Object(
    {
      status: Type.Enum([...statuses]),
      checks: Type.Object({
        database: checkSchema,
        queue: Type.Optional(checkSchema),
        redis: Type.Optional(checkSchema),
        jobs: checkSchema,
      }),
    },
    { description },
  );

const ready = {
  tags,
  operationId: 'checkReadiness',
  summary: 'Is the process ready for requests',
  description:
    'Shows which dependency fails. `queue` is present if the queues are on PostgreSQL, otherwise `redis`. A job is added to each queue, read back and removed, at most every five seconds. `degraded`: events are taken in, and a scheduled job has not run for three of its intervals; `jobs` says which.',
  response: {
    200: readiness(['ok', 'degraded'], 'The process is ready for requests.'),
    503: readiness(['unavailable'], 'The process is not ready. `checks` says why.'),
  },
};

const scrape = {
  tags,
  operationId: 'getMetrics',
  summary: 'Prometheus metrics',
  description: 'Metrics in the text format. Every name starts with `spendwatch_`.',
  response: {
    200: { description: 'The metrics.', content: { 'text/plain': { schema: Type.String() } } },
  },
};
