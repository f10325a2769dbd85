/** The periods of a rule of any kind, as the reference model sees them. It shares no code with `src`. */
import { modelOccurrences, modelPeriod, type ModelPeriodKind } from './reference-calendar.ts';

type Days = { start: string; end: string };

export type ModelBudgetPeriod = ModelPeriodKind | { rrule: string; start: string } | Days;

/** The world of the model lies in these days. */
const lastDay = '2028-01-01';

const occurrences = new Map<string, string[]>();

function occurrencesOf({ rrule, start }: { rrule: string; start: string }): string[] {
  const key = `${rrule} ${start}`;
  const known = occurrences.get(key) ?? modelOccurrences(rrule, start, lastDay);
  occurrences.set(key, known);
  return known;
}

/** The period that holds `day`. Null where none does. */
export function modelPeriodOf(period: ModelBudgetPeriod, day: string): Days | null {
  if (typeof period === 'string') return modelPeriod(period, day);
  if ('end' in period) return period.start <= day && day < period.end ? period : null;
  const known = occurrencesOf(period);
  const start = known.findLast((each) => each <= day);
  const end = known.find((each) => each > day);
  return start !== undefined && end !== undefined ? { start, end } : null;
}

const dayMs = 86_400_000;

/** Hours in which a period that is over may still alert. */
export const graceOf = ({ start, end }: Days): number =>
  Date.parse(end) - Date.parse(start) === dayMs ? 12 : 72;
