/** Decides what becomes of the anomalies that were found: which are new, which still hold, and which are told. Pure. */
import type { AnomalyChoices, AnomalyType } from '../../../values/anomaly.ts';
import { dayNumber, termsOf } from '../recurring-schedule.ts';
import type { Anomaly } from './anomaly.ts';

export const verdicts = ['expected', 'wrong'] as const;
export type Verdict = (typeof verdicts)[number];

/** An anomaly as its row has it. `decidedOn`: the local day of the verdict. */
export type KnownAnomaly = {
  id: string;
  type: AnomalyType;
  subject: string;
  day: string;
  merchantKey: string;
  currency: string;
  amountMinor: bigint;
  isOpen: boolean;
  verdict: Verdict | null;
  decidedOn: string | null;
};

/** `isLate`: its day was long over when it was found, so it is listed alone. `isTold`: a notification is made. */
export type NewAnomaly = Anomaly & { isLate: boolean; isTold: boolean };

export type AnomalyChanges = {
  insert: NewAnomaly[];
  /** Rows that are found again, with what is known now. */
  update: { id: string; anomaly: Anomaly }[];
  /** Rows that do not hold any more: refunded, edited, deleted, or paid after all. */
  close: string[];
};

/** `from`: the first local day that was judged; older rows stay as they are. */
type Judged = { from: string; today: string; choices: AnomalyChoices | null };

const toldWithinDays = 7;
const unusualEveryDays = 7;
const wrongVerdicts = 2;
const restMonths = 6;

export function reconcileAnomalies(
  found: readonly Anomaly[],
  known: readonly KnownAnomaly[],
  { from, today, choices }: Judged,
): AnomalyChanges {
  const rows = new Map(known.map((row) => [keyOf(row), row]));
  const keys = new Set(found.map(keyOf));
  const insert: NewAnomaly[] = [];
  for (const anomaly of found.filter((each) => !rows.has(keyOf(each)))) {
    const { type } = anomaly;
    if (isExpected(anomaly, known) || isResting(type, known, today)) continue;
    if (type === 'unusual_amount' && [...known, ...insert].some((each) => isSoonAfter(each, anomaly)))
      continue;
    const isLate = dayNumber(today) - dayNumber(noticedOn(anomaly)) > toldWithinDays;
    insert.push({ ...anomaly, isLate, isTold: !isLate && choices?.[type] !== false });
  }
  return {
    insert,
    update: found.flatMap((anomaly) => {
      const row = rows.get(keyOf(anomaly));
      return row ? [{ id: row.id, anomaly }] : [];
    }),
    close: known.filter((row) => row.isOpen && row.day >= from && !keys.has(keyOf(row))).map(({ id }) => id),
  };
}

const keyOf = ({ type, subject }: Pick<Anomaly, 'type' | 'subject'>): string => `${type} ${subject}`;

/** The person called as much at the merchant expected. */
const isExpected = ({ type, merchantKey, currency, amountMinor }: Anomaly, known: readonly KnownAnomaly[]) =>
  known.some(
    (row) =>
      row.verdict === 'expected' &&
      row.type === type &&
      row.merchantKey === merchantKey &&
      row.currency === currency &&
      row.amountMinor >= amountMinor,
  );

/** From the second of two wrong ones on, if the first is not older than the rest. */
function isResting(type: AnomalyType, known: readonly KnownAnomaly[], today: string): boolean {
  const since = Temporal.PlainDate.from(today).subtract({ months: restMonths }).toString();
  const wrong = known.filter((row) => row.type === type && row.verdict === 'wrong');
  return wrong.filter(({ decidedOn }) => decidedOn !== null && decidedOn > since).length >= wrongVerdicts;
}

const isSoonAfter = (known: Pick<Anomaly, 'type' | 'day'>, { type, day }: Anomaly): boolean =>
  known.type === type && Math.abs(dayNumber(known.day) - dayNumber(day)) < unusualEveryDays;

/** A missed charge is noticed when it may not come any more. */
function noticedOn({ type, day, details: { cadence } }: Anomaly): string {
  if (type !== 'missed_charge' || !cadence) return day;
  return Temporal.PlainDate.from(day)
    .add({ days: termsOf[cadence].toleranceDays + 1 })
    .toString();
}
