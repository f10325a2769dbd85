/** People see what others like them spend, as far as it may be told, and how they compare. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Sql } from '../../runtime/database/database.ts';
import { readPercentileRank } from '../../insight/benchmarks/read-benchmarks.ts';
import {
  type ComparedCategory,
  readComparedCategory,
} from '../../insight/benchmarks/read-compared-category.ts';
import { type OwnSpending, readOwnSpending } from '../../insight/benchmarks/read-own-spending.ts';
import type { PublishedBenchmark } from '../../insight/decide/benchmark.ts';
import {
  compare,
  firstComparedMonth,
  isMonthOver,
  lastMonthBefore,
  ownMeanBefore,
} from '../../insight/decide/comparison.ts';
import { localDay } from '../../values/period.ts';
import type { CachedBenchmarks } from '../cached/cached-benchmarks.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { notFound, problems } from '../errors/problem.ts';
import {
  benchmarkSchema,
  benchmarkView,
  comparisonSchema,
  comparisonView,
  monthOf,
  periodQuery,
} from '../schemas/benchmark.ts';
import { categoryParams } from '../schemas/category.ts';
import type { PersonRef } from '../../values/refs.ts';

const tags = ['Benchmarks'];
const security = [{ userToken: [] }];

type Asked = { Params: Static<typeof categoryParams>; Querystring: Static<typeof periodQuery> };

export function benchmarkRoutes(
  { db, clock }: HttpDependencies,
  benchmarks: CachedBenchmarks,
): FastifyPluginAsync {
  return async (app) => {
    app.get<Asked>('/benchmarks/:categoryId', {
      schema: getBenchmark,
      handler: async ({ person, params: { categoryId }, query }) => {
        const benchmark = await benchmarks.find(person.tenantId, categoryId, monthOf(query));
        if (!benchmark) throw notFound('There is no benchmark of this category and month.');
        return { data: benchmarkView(benchmark) };
      },
    });

    app.get<Asked>('/comparison/:categoryId', {
      schema: getComparison,
      handler: async ({ person, params: { categoryId }, query }) => {
        const asked = monthOf(query);
        const benchmark = await benchmarks.find(person.tenantId, categoryId, asked);
        return db.transaction([person.tenantId], async (sql) => {
          const category = await readComparedCategory(sql, person, categoryId);
          if (!category) throw notFound();
          const today = localDay(clock.now(), category.timeZone);
          const month = asked ?? benchmark?.month ?? lastMonthBefore(today);
          if (!benchmark && !isMonthOver(month, today)) throw notFound('The month is not over.');
          return { data: await viewOf(sql, person, category, month, benchmark) };
        });
      },
    });
  };
}

async function viewOf(
  sql: Sql,
  person: PersonRef,
  category: ComparedCategory,
  month: string,
  benchmark: PublishedBenchmark | null,
): Promise<Static<typeof comparisonSchema>> {
  const { benchmarkKey, currency, firstDay } = category;
  const own = await readMonths(sql, person, benchmarkKey, month);
  const spent = own.find((each) => each.month === month);
  const ownMean = ownMeanBefore(
    month,
    own.filter((each) => each.month < month),
    firstDay,
  );
  if (!benchmark && !spent && !ownMean) throw notFound('There is nothing to compare.');
  const comparison = compare({
    month,
    currency,
    spentMinor: spent?.spentMinor ?? 0n,
    percentileRank: await readPercentileRank(sql, person, { benchmarkKey, month }),
    ownMean,
    // What was made in another currency, before the tenant's was changed, is not compared with.
    benchmark: benchmark?.currency === currency ? benchmark : null,
  });
  return comparisonView(category.name, comparison, category.locale);
}

/** The month, and those it is compared with. */
function readMonths(
  sql: Sql,
  person: PersonRef,
  benchmarkKey: string,
  month: string,
): Promise<OwnSpending[]> {
  const endDay = Temporal.PlainDate.from(month).add({ months: 1 }).toString();
  return readOwnSpending(sql, person, { firstDay: firstComparedMonth(month), endDay, benchmarkKey });
}

const getBenchmark = {
  tags,
  security,
  summary: 'See what people spend in a category',
  description:
    'Of a month that is over, from all consenting people who spent something, each once. Made each night; one that is published is made anew only where it brings news of at least ten people, so that nobody’s spending can be told from what changed.',
  params: categoryParams,
  querystring: periodQuery,
  response: {
    200: Type.Object({ data: benchmarkSchema }, { description: 'The benchmark.' }),
    ...problems(400, 401, 404, 429),
  },
};

const getComparison = {
  tags,
  security,
  summary: 'See how one compares in a category',
  description:
    'With others, where there is a benchmark that the person is in, and else with their own months before. `benchmark` is null where there is none.',
  params: categoryParams,
  querystring: periodQuery,
  response: {
    200: Type.Object({ data: comparisonSchema }, { description: 'The comparison.' }),
    ...problems(400, 401, 404, 429),
  },
};
