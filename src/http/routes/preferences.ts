/** People say how they want to be told, and when to be left alone. */
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

const held = Type.Object({ data: preferencesSchema }, { description: 'What holds now.' });

const getPreferences = {
  tags,
  security,
  summary: 'Read one’s preferences',
  description: 'What holds, said or not: where nothing was said, the default.',
  response: { 200: held, ...problems(401, 429) },
};

const changePreferences = {
  tags,
  security,
  summary: 'Change one’s preferences',
  description:
    'Takes any of the fields and leaves the others; inner objects merge. Null goes back to the default: for `timezone` and `benchmarkConsent` the tenant’s, for `locale` en, for `quietHours` 20:00 to 08:00, for `digest` daily at 08:30, for `snoozeUntil` none. What is held back is looked at anew: what need wait no longer comes at once. When the time zone changes, expenses are put into days anew.',
  body: preferenceChanges,
  response: { 200: held, ...problems(400, 401, 429) },
};
