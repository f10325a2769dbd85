/** Routes for people to list, accept and dismiss recommendations. */
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
import { pageOf, pageQuery, pageSchema, readCursor } from '../lists/pagination.ts';
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

/** A cursor has the last item's rank and id. */
const cursorKey = [Type.String({ pattern: '^[0-9]{1,30}$' }), Type.String({ format: 'uuid' })];
const keyOf = ({ worth, id }: StoredRecommendation): string[] => [String(BigInt(worth)), id];

/** Null for the first page. Throws 400 for a malformed cursor. */
function afterOf(cursor: string | undefined): { worth: number; id: string } | null {
  const [worth, id] = readCursor(cursor, cursorKey) ?? [];
  return worth === undefined || id === undefined ? null : { worth: Number(worth), id };
}

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
        const { data, ...rest } = pageOf(found, limit, keyOf);
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
        // A dismissal without a reason needs no body.
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
  operationId: 'listRecommendations',
  summary: 'List one’s recommendations',
  description:
    'By rank, by default the open ones: the monthly saving, times the probability that the rise lasts, times the probability that the person takes such advice up. At most three are open, one per category, and at most two are new in 30 days. A new one takes the place of the weakest only if it is worth 1.5 times as much. They are updated some seconds after each expense and when a month ends. A dismissed recommendation returns only if it would save at least 1.5 times the largest saving that was dismissed. A type that was dismissed twice in a category rests for six months. One that expired without an answer returns if it would save 1.5 times as much, or after 45 days. One that the spending no longer suggests expires at once and blocks nothing. If it is suggested again within its 45 days, it is open again under its id for 45 more.',
  querystring: listQuery,
  response: { 200: pageSchema(recommendationSchema), ...problems(400, 401, 429) },
};

const putAccept = {
  tags,
  security,
  operationId: 'acceptRecommendation',
  summary: 'Accept a recommendation',
  description:
    'The saving is measured from then on. Three days after the following three whole months, `measuredRange` has the real saving in the category, across all merchants and without recurring charges, compared with the spending expected if nobody acts. `measuredMonthlySavings` is there only if the range leaves zero out. Repeating the call is harmless.',
  params: recommendationParams,
  response: { 200: one('The recommendation, accepted.'), ...problems(401, 404, 409, 429) },
};

const putDismiss = {
  tags,
  security,
  operationId: 'dismissRecommendation',
  summary: 'Dismiss a recommendation',
  description: 'Repeating the call is harmless: the first reason stays.',
  params: recommendationParams,
  body: dismissalBody,
  response: { 200: one('The recommendation, dismissed.'), ...problems(400, 401, 404, 409, 429) },
};
