/**
 * Builds the HTTP server: one Fastify instance, its routes in the order of the API, and the settings common
 * to all.
 */
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  fastify,
  LogController,
} from 'fastify';
import { ApiKeys } from './auth/api-key.ts';
import { EndedTokens } from './auth/ended-tokens.ts';
import { Erasures } from './auth/erasures.ts';
import { decorateCallers, requirePerson } from './auth/person.ts';
import { RefusedSignIns } from './auth/refused-sign-ins.ts';
import { BodyTurns } from './body-turns.ts';
import { CachedBenchmarks } from './cached/cached-benchmarks.ts';
import { CachedRecommendations } from './cached/cached-recommendations.ts';
import { CachedRules } from './cached/cached-rules.ts';
import { answerClientError } from './errors/client-error.ts';
import { answerInTime } from './deadline.ts';
import type { HttpDependencies } from './dependencies.ts';
import { answerError, answerNotFound } from './errors/error-handler.ts';
import { notFound } from './errors/problem.ts';
import { acceptJson } from './media-types.ts';
import { collectOpenApi, serveReference } from './openapi.ts';
import { operatorPages } from './operator.ts';
import { RequestLog } from './request-log.ts';
import { observeRequests, requestIdOf } from './requests.ts';
import { benchmarkRoutes } from './routes/benchmarks.ts';
import { categoryRoutes } from './routes/categories.ts';
import { confirmRoutes } from './routes/confirm.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import { dailySummaryRoutes } from './routes/daily-summary.ts';
import { eventRoutes } from './routes/events.ts';
import { createErase, type Erase, ownErasureRoute, userErasureRoutes } from './routes/erasure.ts';
import { createExport, type Export, ownExportRoute, userExportRoutes } from './routes/export.ts';
import { fxRateRoutes } from './routes/fx-rates.ts';
import { healthRoutes } from './routes/health.ts';
import { inboundTextRoutes } from './routes/inbound-texts.ts';
import { jobRoutes } from './routes/jobs.ts';
import { noticeRoutes } from './routes/notice.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { preferenceRoutes } from './routes/preferences.ts';
import { profileRoutes } from './routes/profile.ts';
import { providerCallbackRoutes } from './routes/provider-callbacks.ts';
import { pushSubscriptionRoutes } from './routes/push-subscriptions.ts';
import { recommendationRoutes } from './routes/recommendations.ts';
import { ownCategoryRoutes } from './routes/page/categories.ts';
import { expenseRoutes } from './routes/page/expenses.ts';
import { meRoutes } from './routes/page/me.ts';
import { spendingRoutes } from './routes/page/spending.ts';
import { forecastRoutes } from './routes/insight/forecast.ts';
import { rulePreviewRoutes } from './routes/insight/rule-preview.ts';
import { anomalyRoutes } from './routes/insight/anomalies.ts';
import { recurringRoutes } from './routes/insight/recurring.ts';
import { whyRoutes } from './routes/insight/why.ts';
import { ruleRoutes } from './routes/rules.ts';
import { streamRoutes } from './routes/stream.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { unsubscribeRoutes } from './routes/unsubscribe.ts';
import { userRoutes } from './routes/users.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import type { Turns } from './turns.ts';
import { discardUnreadBodies } from './unread-body.ts';
import { compileValidator } from './validation.ts';
import { type CachedAnswers, warmCaches } from './cached/warm-caches.ts';
import { createWriteTurns, limitWrites, personInPath } from './write-turns.ts';

/** Any body but one of events or exchange rates fits many times. */
const bodyLimitBytes = 64 * 1024;
/**
 * A request that arrives too slowly is cut off. Otherwise it would hold its connection and block a shutdown
 * for ever.
 */
const receivedWithinMs = 20_000;
/** Node looks for such requests once in this time. */
const checkConnectionsEveryMs = 5_000;
/** A connection on which nothing moves is ended, such as that of a client that does not read its answer. */
const silentAtMostMs = 60_000;
/** An id of 128 characters, each percent-encoded as four bytes. */
const maxParamLength = 128 * 4 * 3;

/** The app is ready to listen, or for `inject` in tests. */
export async function buildApp(deps: HttpDependencies): Promise<FastifyInstance> {
  const app = createServer(deps);
  app.setValidatorCompiler(compileValidator);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);
  refuseUnknownPaths(app);
  acceptJson(app);
  decorateCallers(app);
  observeRequests(app, deps.metrics);
  answerInTime(app);
  discardUnreadBodies(app);
  await collectOpenApi(app);
  const cached = {
    rules: new CachedRules(deps),
    recommendations: new CachedRecommendations(deps),
    benchmarks: new CachedBenchmarks(deps),
  };
  warmInBackground(app, deps, cached);
  const refused = new RefusedSignIns(deps);
  const erasures = new Erasures(deps);
  const privacy = { erase: createErase(deps, erasures), exportOf: createExport(deps) };
  const shared = { refused, erasures, privacy, turns: createWriteTurns() };
  await app.register(serviceApi(deps, cached, shared), { prefix: '/api' });
  await app.register(userApi(deps, cached, shared), { prefix: '/api/smart-alerts' });
  await app.register(unsubscribeRoutes(deps, cached.rules), { prefix: '/api/smart-alerts' });
  await app.register(confirmRoutes(deps));
  await app.register(noticeRoutes(deps));
  await app.register(healthRoutes(deps));
  if (deps.config.operator) await app.register(operatorPages(deps.config.operator, deps, refused));
  if (deps.config.hasApiReference) await serveReference(app);
  return app;
}

/** Before the body is read, which Fastify would parse first. */
function refuseUnknownPaths(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    if (request.is404) throw notFound();
  });
}

function createServer({ log, config }: HttpDependencies): FastifyInstance {
  // As pino's own type, it would become part of the type of every plugin.
  const loggerInstance: FastifyBaseLogger = log;
  return fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: (_parent, bindings, options) => new RequestLog(log, bindings, options),
    genReqId: requestIdOf,
    trustProxy: [...config.trustedProxies],
    bodyLimit: bodyLimitBytes,
    requestTimeout: receivedWithinMs,
    connectionTimeout: silentAtMostMs,
    http: { connectionsCheckingInterval: checkConnectionsEveryMs },
    routerOptions: { maxParamLength },
    // During shutdown, requests on open connections are still answered.
    return503OnClosing: false,
    frameworkErrors: answerError,
    clientErrorHandler: answerClientError,
  });
}

const redisWaitMs = 2_000;

/** Runs from listening until the app closes. */
function warmInBackground(app: FastifyInstance, deps: HttpDependencies, cached: CachedAnswers): void {
  const closing = new AbortController();
  app.addHook('onListen', () => {
    const failed = (err: unknown) => deps.log.warn({ err }, 'caches not warmed');
    const warm = async ({ caches, db }: HttpDependencies): Promise<void> => {
      // A value that Redis does not take yet would make the cache leave Redis alone for some seconds.
      await caches?.ready(redisWaitMs);
      if (caches) await warmCaches(db, cached, closing.signal);
    };
    warm(deps).catch(failed);
  });
  app.addHook('onClose', () => closing.abort());
}

type Privacy = { erase: Erase; exportOf: Export };

/** What the routes for services and those for people share. */
type Shared = { refused: RefusedSignIns; erasures: Erasures; privacy: Privacy; turns: Turns };

/** For services with an API key. Webhooks and the providers of channels authenticate by signature. */
const serviceApi =
  (
    deps: HttpDependencies,
    { rules }: CachedAnswers,
    { refused, privacy, turns }: Shared,
  ): FastifyPluginAsync =>
  async (api) => {
    const keys = new ApiKeys(deps, refused);
    limitWrites(api, turns, personInPath);
    const bodies = new BodyTurns();
    await api.register(eventRoutes(deps, keys, bodies));
    await api.register(webhookRoutes(deps, bodies));
    await api.register(userRoutes(deps, keys, rules));
    await api.register(userErasureRoutes(privacy.erase, keys));
    await api.register(userExportRoutes(privacy.exportOf, keys));
    await api.register(categoryRoutes(deps, keys));
    await api.register(fxRateRoutes(deps, keys));
    await api.register(jobRoutes(deps, keys));
    await api.register(tokenRoutes(deps, keys));
    await api.register(providerCallbackRoutes(deps));
    await api.register(inboundTextRoutes(deps));
  };

/** For people with their token. */
const userApi =
  (
    deps: HttpDependencies,
    { rules, recommendations, benchmarks }: CachedAnswers,
    { refused, erasures, privacy, turns }: Shared,
  ): FastifyPluginAsync =>
  async (api) => {
    const ended = new EndedTokens(deps);
    api.addHook('onRequest', requirePerson(deps, { ended, erasures, refused }));
    api.addHook('onRequest', deps.limits.limitPerson());
    limitWrites(api, turns, ({ person }) => person);
    await api.register(ruleRoutes(deps, rules));
    await api.register(notificationRoutes(deps));
    await api.register(expenseRoutes(deps));
    await api.register(spendingRoutes(deps));
    await api.register(ownCategoryRoutes(deps));
    await api.register(streamRoutes(deps, [ended, erasures]));
    await api.register(recommendationRoutes(deps, recommendations));
    await api.register(forecastRoutes(deps));
    await api.register(rulePreviewRoutes(deps));
    await api.register(recurringRoutes(deps));
    await api.register(anomalyRoutes(deps, recommendations));
    await api.register(profileRoutes(deps));
    await api.register(benchmarkRoutes(deps, benchmarks));
    await api.register(dailySummaryRoutes(deps));
    await api.register(whyRoutes(deps));
    await api.register(dashboardRoutes(deps));
    await api.register(preferenceRoutes(deps, rules));
    await api.register(pushSubscriptionRoutes(deps));
    await api.register(meRoutes(deps));
    ownErasureRoute(api, privacy.erase);
    ownExportRoute(api, privacy.exportOf);
  };
