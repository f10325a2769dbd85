/** The bills that are known on a day, from earlier charges alone, as the service finds them. */
import { billsOf, type RuleBills } from '../../../src/insight/decide/forecast/rule-forecast.ts';
import { type Charge, findStreams, firstChargeDay } from '../../../src/insight/decide/recurring.ts';
import type { IdentifiedStream } from '../../../src/insight/decide/recurring-identity.ts';
import { dayText } from '../../../src/insight/decide/recurring-schedule.ts';
import type { JudgedSeries } from './series.ts';

type Known = { charges: ReadonlyMap<string, Charge>; streams: readonly IdentifiedStream[] };

/** A person's series follow each other, so the streams of one person and day are kept. */
let last: { key: string; known: Known } | null = null;

/** `now`: the first day that is not known yet. `end`: of the month. Numbers of days. */
export function knownBills(series: JudgedSeries, now: number, end: number): RuleBills {
  const { categoryId, currency, charges } = series;
  const key = `${series.userId} ${now}`;
  if (last?.key !== key) last = { key, known: knownOn(charges, dayText(now - 1)) };
  const rule = { categoryId, categoryIds: null, excludeCategories: [], excludeMerchants: [], currency };
  return billsOf(rule, last.known.streams, last.known.charges, { now, end });
}

function knownOn(charges: readonly Charge[], today: string): Known {
  const from = firstChargeDay(today);
  const known = charges.filter(({ day, merchant }) => merchant !== null && from <= day && day <= today);
  return {
    charges: new Map(known.map((charge) => [charge.expenseId, charge])),
    streams: findStreams(known, today).map((stream, index) => ({
      id: String(index),
      stream,
      decision: null,
    })),
  };
}
