/** Finds dearer prices, missed charges and new streams among a person's recurring charges. */
import type { Found, Group, Stream } from '../recurring.ts';
import { type Cadence, dayNumber, termsOf } from '../recurring-schedule.ts';
import { samePrice } from '../recurring-chain.ts';
import type { Anomaly } from './anomaly.ts';

/** From so many charges on a missing one is worth a word. Of a yearly one, more are not read. */
const sureCharges: Readonly<Record<Cadence, number>> = {
  weekly: 4,
  fortnightly: 4,
  monthly: 4,
  quarterly: 3,
  yearly: 2,
};
/** Streams that began sooner after the person's first charge may be older than what is known of them. */
const knownBefore = 60;

/** `from`: number of the first day that is judged. */
export function findStreamAnomalies(
  streams: readonly Stream[],
  groups: readonly Group[],
  from: number,
): Anomaly[] {
  const charges = new Map(groups.flatMap(({ own }) => own.map((each) => [each.expenseId, each])));
  const numbers = groups.flatMap(({ own }) => [own[0]?.number ?? [], own.at(-1)?.number ?? []].flat());
  const [known, latest] = [Math.min(...numbers), Math.max(...numbers)];
  const found = streams.flatMap((stream) => [
    increaseOf(stream),
    missedOf(stream, latest),
    newOf(stream, charges, known),
  ]);
  return found.flatMap((each) => (each && dayNumber(each.day) >= from ? [each] : []));
}

const base = ({ merchantKey, merchant, categoryId, currency, cadence }: Stream) => ({
  merchantKey,
  merchant,
  categoryId,
  currency,
  details: { cadence },
});

/** The first charge at the price shows it; the second confirms it. */
function increaseOf(stream: Stream): Anomaly | null {
  const { priceChange, lastAmountMinor, expenseIds, state } = stream;
  if (!priceChange || state === 'ended') return null;
  const { beforeMinor, charges, since } = priceChange;
  const expenseId = expenseIds.at(-charges);
  const isMore = Number(lastAmountMinor) >= Number(beforeMinor) * (1 + samePrice);
  if (!isMore || expenseId === undefined) return null;
  const { details, ...own } = base(stream);
  return {
    ...own,
    type: 'price_increase',
    subject: expenseId,
    expenseId,
    day: since,
    amountMinor: lastAmountMinor,
    expectedMinor: beforeMinor,
    details: { ...details, charges },
  };
}

/**
 * A charge that came late is missed no more. `latest`: number of the day of the person's latest charge. Before they have
 * one after the due day, their charges may simply not have been sent yet.
 */
function missedOf(stream: Stream, latest: number): Anomaly | null {
  const { state, missedDay, amountMinor, occurrences, expenseIds, cadence } = stream;
  const isMissed = (state === 'late' || state === 'ended') && occurrences >= sureCharges[cadence];
  if (!isMissed || missedDay === null) return null;
  if (latest < dayNumber(missedDay) + termsOf[cadence].toleranceDays) return null;
  return {
    ...base(stream),
    type: 'missed_charge',
    subject: expenseIds.at(-1) ?? '',
    expenseId: null,
    day: missedDay,
    amountMinor,
    expectedMinor: null,
  };
}

/**
 * The charge that made it a stream shows it: the third, or the fourth if a price for a start is among them. Where the amounts
 * vary it is no subscription.
 */
function newOf(stream: Stream, charges: ReadonlyMap<string, Found>, known: number): Anomaly | null {
  const { isVariable, firstDay, expenseIds, cadence, amountMinor } = stream;
  const needed = Math.max(termsOf[cadence].fixed, 3);
  const levels = expenseIds.slice(0, needed).map((id) => charges.get(id)?.level ?? 0);
  const hasStep = Math.max(...levels) - Math.min(...levels) > samePrice;
  const expenseId = expenseIds[hasStep ? needed : needed - 1];
  const day = charges.get(expenseId ?? '')?.day;
  const isKnownBefore = dayNumber(firstDay) - known >= knownBefore;
  if (isVariable || expenseId === undefined || day === undefined || !isKnownBefore) return null;
  return {
    ...base(stream),
    type: 'new_recurring',
    subject: expenseIds[0] ?? '',
    expenseId,
    day,
    amountMinor,
    expectedMinor: null,
  };
}
