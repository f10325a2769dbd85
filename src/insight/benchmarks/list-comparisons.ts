/** Compares a person's last month under each benchmark key that they spent under. */
import { publish } from '../decide/benchmark.ts';
import { compare, type Comparison, lastMonthBefore } from '../decide/comparison.ts';
import { localDay } from '../../values/period.ts';
import { allOf } from '../../runtime/database/all-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { readOwnBenchmarks } from './read-benchmarks.ts';
import { readOwnSpending } from './read-own-spending.ts';
import { readTenant } from '../../accounts/tenants.ts';
import { readTimezone } from '../../accounts/people.ts';
import type { PersonRef } from '../../values/refs.ts';

type KeyComparison = { benchmarkKey: string; comparison: Comparison };

/**
 * Sorted by key. `benchmark` is null if there is none yet. `ownMean` is always null, because own months are
 * not compared. Throws if the tenant does not exist. Rides on the indexes of its parts.
 */
export async function listComparisons(
  sql: Sql,
  person: PersonRef,
  now: Temporal.Instant,
): Promise<KeyComparison[]> {
  const [tenant, timeZone] = await allOf([readTenant(sql, person.tenantId), readTimezone(sql, person)]);
  if (!tenant) throw new Error('no such tenant');
  const today = localDay(now, timeZone);
  const month = lastMonthBefore(today);
  const endDay = Temporal.PlainDate.from(month).add({ months: 1 }).toString();
  const own = await readOwnSpending(sql, person, { firstDay: month, endDay, benchmarkKey: null });
  const keys = own.map(({ benchmarkKey }) => benchmarkKey);
  const rows = Map.groupBy(
    await readOwnBenchmarks(sql, person, keys, month),
    ({ benchmarkKey }) => benchmarkKey,
  );
  return own
    .toSorted((one, other) => (one.benchmarkKey < other.benchmarkKey ? -1 : 1))
    .map(({ benchmarkKey, spentMinor }) => {
      const stored = rows.get(benchmarkKey) ?? [];
      const current = stored.find((each) => each.month === month && each.currency === tenant.currency);
      const comparison = compare({
        month,
        currency: tenant.currency,
        spentMinor,
        percentileRank: current?.percentileRank ?? null,
        ownMean: null,
        benchmark: current ? publish(current, stored) : null,
      });
      return { benchmarkKey, comparison };
    });
}
