/** The route that says what a rule's current period will probably end at. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { type ForecastRefusal, forecastRefusals } from '../../../insight/decide/forecast/rule-forecast.ts';
import { readForecast } from '../../../insight/forecasts/read-forecast.ts';
import type { HttpDependencies } from '../../dependencies.ts';
import { notFound, Problem, problemResponse, problems } from '../../errors/problem.ts';
import { forecastSchema, forecastView } from '../../schemas/forecast.ts';
import { ruleParams } from '../../schemas/rule.ts';

const details: Readonly<Record<ForecastRefusal, string>> = {
  too_little_history:
    'There is too little history: a forecast needs three complete months since the first expense that the rule watches.',
  too_early: 'It is too early: a tenth of the period must have passed.',
  period_too_short: 'The period is too short: a day has no forecast.',
};

export const forecastRoutes =
  ({ db, clock }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    app.get<{ Params: Static<typeof ruleParams> }>('/rules/:ruleId/forecast', {
      schema: getForecast,
      handler: async ({ person, params: { ruleId } }) => {
        const now = clock.now();
        const found = await db.transaction([person.tenantId], (sql) =>
          readForecast(sql, person, ruleId, now),
        );
        if (!found) throw notFound();
        if ('refusal' in found.made) throw refused(found.made.refusal);
        return { data: forecastView(found, found.made) };
      },
    });
  };

const refused = (reason: ForecastRefusal): Problem =>
  new Problem(409, { detail: details[reason], members: { reason } });

const getForecast = {
  tags: ['Rules'],
  security: [{ userToken: [] }],
  operationId: 'getForecast',
  summary: 'Forecast a rule’s current period',
  description:
    'What the period will probably end at: from what the person spent in earlier periods after the same day, from how such expectations turned out for everybody of the tenant, and from recurring charges that are still due. Eight of ten periods end between `p10` and `p90`. Below three complete months of history, in the first tenth of a period, and for a period of one day there is none: 409, with `reason` `too_little_history`, `too_early` or `period_too_short`.',
  params: ruleParams,
  response: {
    200: Type.Object({ data: forecastSchema }, { description: 'The forecast as of now.' }),
    ...problems(401, 404, 429),
    409: problemResponse(409, { reason: Type.Enum(forecastRefusals) }),
  },
};
