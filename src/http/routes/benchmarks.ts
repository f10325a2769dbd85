/** Routes for people to read published benchmarks and to compare themselves with them. */
import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from 'typebox';
import { allOf } from '../../runtime/database/all-of.ts';
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
  const [own, percentileRank] = await allOf([
    readMonths(sql, person, benchmarkKey, month),
    readPercentileRank(sql, person, { benchmarkKey, month }),
  ]);
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
    percentileRank,
    ownMean,
    // A benchmark from before a change of the tenant's currency is not compared.
    benchmark: benchmark?.currency === currency ? benchmark : null,
  });
  return comparisonView(category.name, comparison, category.locale);
}

/** Reads the month and the months it is compared with. */
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
  operationId: 'getBenchmark',
  summary: 'Read the benchmark of a category',
  description:
    'Covers a month that has ended, and all consenting people who spent something, each once. Benchmarks are computed each night. A published one is replaced only if the figures of at least ten people changed (k-anonymity), so that nobody’s spending can be inferred from the change.',
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
  operationId: 'compareSpending',
  summary: 'Compare one’s spending in a category',
  description:
    'Compares with other people if the person is in a benchmark, otherwise with their own earlier months. `benchmark` is null if there is none.',
  params: categoryParams,
  querystring: periodQuery,
  response: {
    200: Type.Object({ data: comparisonSchema }, { description: 'The comparison.' }),
    ...problems(400, 401, 404, 429),
  },
};
