/** A person's spending in a category over the last 90 days, grouped by merchant: by its id, else by its cleaned name. */
import { merchantKey } from '../../accounts/merchants/merchant-key.ts';
import type { DaySpending } from './months.ts';

const windowDays = 90;

/** Local days, both inclusive. */
export type Window = { firstDay: string; lastDay: string };

/**
 * `name` is the latest name of a merchant with an id, and else the most frequent spelling. In a tie, lower case is preferred
 * to capitals.
 */
export type MerchantSpending = { key: string; name: string; spentMinor: bigint; purchases: number };

export const windowEnding = (today: string): Window => ({
  firstDay: Temporal.PlainDate.from(today)
    .subtract({ days: windowDays - 1 })
    .toString(),
  lastDay: today,
});

export const isInWindow = ({ day }: { day: string }, { firstDay, lastDay }: Window): boolean =>
  firstDay <= day && day <= lastDay;

type Named = Pick<DaySpending, 'merchant' | 'merchantRef'>;
type KeyOf = (spending: Named) => string | null;

/** Where a merchant's name is found: in purchases of a day. */
type NamedPurchases = Named & Pick<DaySpending, 'day' | 'purchases'>;

/** Null if the expense has no merchant. Each spelling is cleaned once, and has no space then. */
export function merchantKeys(): KeyOf {
  const known = new Map<string, string | null>();
  return ({ merchant, merchantRef }) => {
    if (merchantRef) return `id ${JSON.stringify([merchantRef.source, merchantRef.id])}`;
    if (merchant === null) return null;
    const key = known.get(merchant) ?? (merchantKey(merchant) || null);
    known.set(merchant, key);
    return key;
  };
}

/** Merchants with more purchases than refunds in money, the largest first, then by key. */
export function merchantsOf(spending: readonly DaySpending[]): MerchantSpending[] {
  const byKey = Map.groupBy(spending, merchantKeys());
  return [...byKey]
    .flatMap(([key, own]) => (key === null ? [] : [merchantFrom(key, own)]))
    .filter(({ spentMinor }) => spentMinor > 0n)
    .sort((one, other) => bySpending(one, other) || (one.key < other.key ? -1 : 1));
}

const merchantFrom = (key: string, own: readonly DaySpending[]): MerchantSpending => ({
  key,
  name: nameOf(own),
  spentMinor: own.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
  purchases: own.reduce((count, { purchases }) => count + purchases, 0),
});

/** A merchant that has never had a name shows its id. */
export function nameOf(own: readonly NamedPurchases[]): string {
  const ref = own.find(({ merchantRef }) => merchantRef)?.merchantRef;
  if (!ref) return usualName(own);
  const named = own.filter(({ merchant }) => merchant !== null);
  const last = named.reduce((latest, { day }) => (day > latest ? day : latest), '');
  return usualName(named.filter(({ day }) => day === last)) || ref.id;
}

function usualName(own: readonly NamedPurchases[]): string {
  const uses = new Map<string, number>();
  for (const { merchant, purchases } of own)
    if (merchant !== null) uses.set(merchant, (uses.get(merchant) ?? 0) + purchases);
  const [[name] = ['']] = [...uses].sort(
    ([one, ofOne], [other, ofOther]) => ofOther - ofOne || (one < other ? 1 : -1),
  );
  return name;
}

const bySpending = ({ spentMinor: one }: MerchantSpending, { spentMinor: other }: MerchantSpending): number =>
  one === other ? 0 : one > other ? -1 : 1;
