/** Finds charges that were made twice: one amount at one merchant within two days, where that is not usual. */
import { minorUnits } from '../../../values/money.ts';
import { nameOf } from '../merchant-spending.ts';
import type { Found, Group } from '../recurring.ts';
import { withoutRefunded } from '../recurring.ts';
import type { Anomaly } from './anomaly.ts';

const withinDays = 2;
/** Of a charge that is no bill. */
const leastAmount = 10n;
/** An amount charged so often before at the merchant is a usual price there. */
const usualPrice = 2;

type Expenses = ReadonlySet<string>;

/** `streams`: expenses of recurring charges, of which one a period is usual. `hidden`: expenses that are left out. */
export const findDuplicates = (
  groups: readonly Group[],
  { streams, hidden }: { streams: Expenses; hidden: Expenses },
  from: number,
): Anomaly[] =>
  groups.flatMap((group) => {
    const kept = withoutRefunded(group.own).filter(({ expenseId }) => !hidden.has(expenseId));
    return kept.flatMap((charge, index) => {
      const first = charge.number < from ? null : repeated(kept, index, group.own, streams);
      return first ? [toAnomaly(charge, first, group)] : [];
    });
  });

/** The charge that the one at `index` repeats, or null. `all`: with the refunded ones, which may have been pairs. */
function repeated(
  kept: readonly Found[],
  index: number,
  all: readonly Found[],
  streams: Expenses,
): Found | null {
  const charge = kept[index];
  if (!charge) return null;
  const near = kept.filter((each) => isCopy(each, charge));
  const [first, second, third] = near;
  if (!first || second !== charge || third) return null;
  const before = all.filter(({ number, amountMinor }) => number < first.number && amountMinor > 0n);
  if (hasPair(before)) return null;
  const usual = before.filter(({ amountMinor }) => amountMinor === charge.amountMinor).length;
  const isBill = streams.has(first.expenseId) || streams.has(charge.expenseId);
  if (isBill) return first;
  return usual < usualPrice && charge.amountMinor >= minorUnits(leastAmount, charge.currency) ? first : null;
}

const isCopy = (one: Found, other: Found): boolean =>
  one.amountMinor === other.amountMinor && Math.abs(one.number - other.number) <= withinDays;

/** `charges`: in the order of their days. */
function hasPair(charges: readonly Found[]): boolean {
  const lastDays = new Map<bigint, number>();
  for (const { amountMinor, number } of charges) {
    const last = lastDays.get(amountMinor);
    if (last !== undefined && number - last <= withinDays) return true;
    lastDays.set(amountMinor, number);
  }
  return false;
}

const toAnomaly = (charge: Found, first: Found, { merchantKey, own }: Group): Anomaly => ({
  type: 'duplicate_charge',
  subject: charge.expenseId,
  expenseId: charge.expenseId,
  day: charge.day,
  merchantKey,
  merchant: nameOf(own.map((each) => ({ ...each, purchases: 1 }))),
  categoryId: charge.categoryId,
  currency: charge.currency,
  amountMinor: charge.amountMinor,
  expectedMinor: null,
  details: { otherDay: first.day },
});
