/** Routes for people to read and change their interruption preferences. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { putPreferences } from '../../settings/put-preferences.ts';
import { readPreferences } from '../../notify/read-preferences.ts';
import type { CachedRules } from '../cached/cached-rules.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { followEvaluation } from '../follow-evaluation.ts';
import { problems } from '../errors/problem.ts';
import {
  preferenceChanges,
  preferencesSchema,
  preferencesView,
  readPreferenceChanges,
} from '../schemas/preferences.ts';

const tags = ['Preferences'];
const security = [{ userToken: [] }];

export function preferenceRoutes(deps: HttpDependencies, rules: CachedRules): FastifyPluginAsync {
  const { db, clock } = deps;
  return async (app) => {
    app.get('/preferences', {
      schema: getPreferences,
      handler: async ({ person }) => {
        const preferences = await db.transaction([person.tenantId], (sql) => readPreferences(sql, person));
        return { data: preferencesView(preferences, clock.now()) };
      },
    });

    app.put<{ Body: Static<typeof preferenceChanges> }>('/preferences', {
      schema: changePreferences,
      handler: async ({ person, body, id }) => {
        const now = clock.now();
        const changes = readPreferenceChanges(body);
        const { preferences, evaluated } = await putPreferences(db, person, changes, now);
        rules.forget(person);
        await followEvaluation(deps, evaluated, id);
        return { data: preferencesView(preferences, now) };
      },
    });
  };
}

const currentPreferences = Type.Object(
  { data: preferencesSchema },
  { description: 'The current preferences.' },
);

const getPreferences = {
  tags,
  security,
  operationId: 'getPreferences',
  summary: 'Read one’s preferences',
  description: 'The effective preferences. A field that was not set has its default.',
  response: { 200: currentPreferences, ...problems(401, 429) },
};

const changePreferences = {
  tags,
  security,
  operationId: 'updatePreferences',
  summary: 'Change one’s preferences',
  description:
    'Accepts any of the fields; omitted fields keep their values and inner objects merge. Null restores the default: for `timezone` and `benchmarkConsent` the tenant’s, for `locale` en, for `quietHours` 20:00 to 08:00, for `digest` daily at 08:30, for `snoozeUntil` and `maxNotificationsPerDay` none, for `anomalies` all on. Deferred notifications are checked again, and those that need not wait any more are sent at once. When the time zone changes, the days of expenses are recomputed. Beyond 1,000 of them a job does it after the answer, and `movingDays` is true until then.',
  body: preferenceChanges,
  response: { 200: currentPreferences, ...problems(400, 401, 429) },
};
