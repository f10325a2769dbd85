/** People see what might save them money, and take it up or decline it. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import {
  decideRecommendation,
  type RecommendationDecision,
} from '../../insight/recommendations/decide-recommendation.ts';
import type { StoredRecommendation } from '../../insight/recommendations/read-recommendation.ts';
import { recommendationStatuses } from '../../insight/decide/lifecycle.ts';
import type { CachedRecommendations } from '../cached/cached-recommendations.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { afterOf, cursorKeyOf } from '../lists/cursor.ts';
import { pageOf, pageQuery, pageSchema } from '../lists/pagination.ts';
import { notFound, Problem, problems } from '../errors/problem.ts';
import {
  dismissalBody,
  recommendationParams,
  recommendationSchema,
  recommendationView,
} from '../schemas/recommendation.ts';
import { identifier } from '../schemas/text.ts';
import type { PersonRef } from '../../values/refs.ts';

const tags = ['Recommendations'];
const security = [{ userToken: [] }];

type Params = Static<typeof recommendationParams>;

export function recommendationRoutes(
  { db, clock }: HttpDependencies,
  recommendations: CachedRecommendations,
): FastifyPluginAsync {
  async function decide(person: PersonRef, id: string, decision: RecommendationDecision) {
    const found = await decideRecommendation(db, person, id, decision, clock.now());
    recommendations.forget(person);
    if (!found) throw notFound();
    if (found.status !== decision.status) throw contradiction(found);
    return { data: recommendationView(found, await recommendations.localeOf(person)) };
  }

  return async (app) => {
    app.get<{ Querystring: Static<typeof listQuery> }>('/recommendations', {
      schema: getRecommendations,
      handler: async ({ person, query: { status, categoryId, limit, cursor } }) => {
        const page = { status, categoryId, limit: limit + 1, after: afterOf(cursor) };
        const { found, locale } = await recommendations.list(person, page);
        const { data, ...rest } = pageOf(found, limit, cursorKeyOf);
        return { data: data.map((each) => recommendationView(each, locale)), ...rest };
      },
    });

    app.put<{ Params: Params }>('/recommendations/:recommendationId/accept', {
      schema: putAccept,
      handler: async ({ person, params: { recommendationId } }) =>
        decide(person, recommendationId, { status: 'accepted' }),
    });

    app.put<{ Params: Params; Body: Static<typeof dismissalBody> }>(
      '/recommendations/:recommendationId/dismiss',
      {
        schema: putDismiss,
        // There may be nothing to say, and then nothing need be sent.
        preValidation: async (request) => void (request.body ??= {}),
        handler: async ({ person, params: { recommendationId }, body }) =>
          decide(person, recommendationId, { status: 'dismissed', reason: body.reason ?? null }),
      },
    );
  };
}

function contradiction({ status, expiresAt }: StoredRecommendation): Problem {
  const why = {
    accepted: 'It was accepted before: what it saves is being measured.',
    dismissed: 'It was dismissed before. Should the picture change, there will be another.',
    expired: `It has expired: it was open until ${expiresAt.toString()} at most, and as long as the spending suggested it.`,
    suggested: 'It was just changed; try again.',
  };
  return new Problem(409, { detail: why[status] });
}

const listQuery = Type.Object({
  categoryId: Type.Optional(identifier('recommendations for this category alone')),
  status: Type.Enum(recommendationStatuses, { default: 'suggested' }),
  ...pageQuery,
});

const one = (description: string) => Type.Object({ data: recommendationSchema }, { description });

const getRecommendations = {
  tags,
  security,
  summary: 'List one’s recommendations',
  description:
    'Newest first: by default those that are open. They are looked at anew some seconds after each expense, and when a month is over. For a category there is one of each type at most. What was dismissed comes back only where it would save at least half as much again as it ever would have when it was dismissed; each merchant to stay with counts by itself. What nobody took up in time comes back where it would save half as much again, or names another merchant, or 45 days later. One that the spending no longer suggests expires at once, and keeps nothing away: suggested again within its 45 days it is open under its id for 45 more.',
  querystring: listQuery,
  response: { 200: pageSchema(recommendationSchema), ...problems(400, 401, 429) },
};

const putAccept = {
  tags,
  security,
  summary: 'Accept a recommendation',
  description:
    'From then on it is measured: three days after the three whole months that follow, `measuredMonthlySavings` tells what was really saved in the category, wherever it was spent. Again is harmless.',
  params: recommendationParams,
  response: { 200: one('The recommendation, accepted.'), ...problems(401, 404, 409, 429) },
};

const putDismiss = {
  tags,
  security,
  summary: 'Dismiss a recommendation',
  description: 'Again is harmless: the first reason stays.',
  params: recommendationParams,
  body: dismissalBody,
  response: { 200: one('The recommendation, dismissed.'), ...problems(400, 401, 404, 409, 429) },
};
