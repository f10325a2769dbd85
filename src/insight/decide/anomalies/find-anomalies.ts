/** Finds what is out of the ordinary among a person's charges, from the charges and the streams among them. Pure. */
import { type Charge, groupCharges, type Stream } from '../recurring.ts';
import { dayNumber, dayText } from '../recurring-schedule.ts';
import type { Anomaly } from './anomaly.ts';
import { findDuplicates } from './duplicate-charge.ts';
import { findStreamAnomalies } from './stream-anomalies.ts';
import { findUnusual } from './unusual-amount.ts';

/** Only so many days before today are looked at: what is older is no news. */
const judgedDays = 60;

/** The first local day whose anomalies are found on the day `today`. */
export const firstJudgedDay = (today: string): string => dayText(dayNumber(today) - judgedDays);

/** `ignored`: streams that the person said are none. They and their charges are left out. */
export type AnomalyInput = {
  charges: readonly Charge[];
  streams: readonly Stream[];
  ignored: ReadonlySet<Stream>;
  today: string;
};

/** A charge that came twice is told as that alone. */
const isOfOneCharge = (one: Anomaly, other: Anomaly): boolean =>
  one.merchantKey === other.merchantKey &&
  one.currency === other.currency &&
  one.amountMinor === other.amountMinor;

/** In the order of their days. */
export function findAnomalies({ charges, streams, ignored, today }: AnomalyInput): Anomaly[] {
  const from = dayNumber(firstJudgedDay(today));
  const groups = groupCharges(charges);
  const recurring = new Set(streams.flatMap(({ expenseIds }) => expenseIds));
  const hidden = new Set([...ignored].flatMap(({ expenseIds }) => expenseIds));
  const priced = new Set(
    streams.filter(({ isVariable }) => !isVariable).flatMap(({ expenseIds }) => expenseIds),
  );
  const twice = findDuplicates(groups, { streams: recurring, hidden }, from);
  const found = [
    ...findUnusual(groups, { priced, hidden }, from).filter(
      (one) => !twice.some((other) => isOfOneCharge(one, other)),
    ),
    ...twice,
    ...findStreamAnomalies(
      streams.filter((stream) => !ignored.has(stream)),
      groups,
      from,
    ),
  ];
  const bySubject = new Map(found.map((each) => [`${each.type} ${each.subject}`, each]));
  return [...bySubject.values()].toSorted((one, other) => (one.day < other.day ? -1 : 1));
}
