/** Decides how a person's recommendations change when their profile is rebuilt. */
import { choose, type Limits, type Ranked } from './choice.ts';
import type { Suggestion } from './suggestion.ts';

export const recommendationStatuses = ['suggested', 'accepted', 'dismissed', 'expired'] as const;
export type RecommendationStatus = (typeof recommendationStatuses)[number];

/**
 * Covers the end of a month and the start of the next. An expired recommendation is not repeated for the same
 * time.
 */
const keptDays = 45;

/**
 * The part of a stored recommendation that matters here. `isMeasured`: accepted, and its saving is known.
 * `isWithdrawn`: expired before its time, because the spending no longer suggested it.
 */
export type Known = Ranked & {
  id: string;
  status: RecommendationStatus;
  isMeasured: boolean;
  isWithdrawn: boolean;
  createdAt: Temporal.Instant;
  expiresAt: Temporal.Instant;
};

/** `refresh`: these are open or open again. `withdraw`: these end as expired. */
export type Reconciliation = {
  insert: Ranked[];
  refresh: { id: string; suggestion: Ranked; expiresAt: Temporal.Instant }[];
  withdraw: string[];
};

export const expiryOf = (since: Temporal.Instant): Temporal.Instant => since.add({ hours: 24 * keptDays });

/** A suggestion past its time reads as expired, even if the row does not say so yet. */
export const statusAt = (
  { status, expiresAt }: Pick<Known, 'status' | 'expiresAt'>,
  now: Temporal.Instant,
): RecommendationStatus =>
  status === 'suggested' && Temporal.Instant.compare(expiresAt, now) <= 0 ? 'expired' : status;

/**
 * Compares `found`, the current suggestions, with `known`. `known` has the latest recommendation of each
 * kind. It also has the dismissed one with the largest saving for each target.
 *
 * One recommendation of a kind is open at a time. It is either suggested and kept up to date, or accepted and
 * not measured yet. While one of a category is accepted and not measured, no other of that category is made.
 *
 * Dismissed recommendations return only after a material change. So does the last of a kind that recently
 * expired. A withdrawn one blocks nothing: if it is suggested again in its time, its row is opened again. So
 * a suggestion that comes and goes makes no new row each time.
 *
 * Of those that may be made or opened again, `choose` takes a few.
 */
export function reconcile(
  found: readonly Ranked[],
  known: readonly Known[],
  now: Temporal.Instant,
  limits: Limits,
): Reconciliation {
  const latest = latestOfKind(known);
  const declined = known.filter((each) => isDeclined(each, latest, now));
  const suggested = found.filter((suggestion) => declined.every((each) => hasChanged(suggestion, each)));
  const previousOf = (each: Suggestion) => latest.get(kindOf(each));
  const open = suggested.filter((each) => isStillOpen(previousOf(each), now));
  const closed = suggested.filter(
    (each) => !isBlocked(previousOf(each), now) && !known.some((other) => isBeingMeasured(other, each)),
  );
  const isReopened = (each: Ranked) => isOngoing(previousOf(each), now);
  const { chosen, displaced } = choose({ open, closed, isReopened }, limits);
  const shown = new Set([...open, ...chosen].filter((each) => !displaced.has(each)));
  const plan: Reconciliation = { insert: [], refresh: [], withdraw: [] };
  for (const suggestion of shown) {
    const previous = previousOf(suggestion);
    if (!previous || !isOngoing(previous, now)) plan.insert.push(suggestion);
    else if (previous.isWithdrawn)
      plan.refresh.push({ id: previous.id, suggestion, expiresAt: expiryOf(now) });
    else if (!isSame(suggestion, previous))
      plan.refresh.push({ id: previous.id, suggestion, expiresAt: previous.expiresAt });
  }
  plan.withdraw = known.filter((each) => isGone(each, [...shown], now)).map(({ id }) => id);
  return plan;
}

const isStillOpen = (previous: Known | undefined, now: Temporal.Instant): boolean =>
  previous?.status === 'suggested' && isOngoing(previous, now);

/** Open already, or accepted and not measured. */
const isBlocked = (previous: Known | undefined, now: Temporal.Instant): boolean =>
  isOngoing(previous, now) && !previous?.isWithdrawn;

const isBeingMeasured = (known: Known, { categoryId }: Suggestion): boolean =>
  known.categoryId === categoryId && known.status === 'accepted' && !known.isMeasured;

const kindOf = ({ categoryId, evidence }: Suggestion): string => `${evidence.type} ${categoryId}`;

/** The open recommendation of each kind, or else the newest. */
function latestOfKind(known: readonly Known[]): Map<string, Known> {
  const oldestFirst = known.toSorted(
    (one, other) =>
      Number(isOpen(one)) - Number(isOpen(other)) ||
      Temporal.Instant.compare(one.createdAt, other.createdAt) ||
      (one.id < other.id ? -1 : 1),
  );
  return new Map(oldestFirst.map((each) => [kindOf(each), each]));
}

const isOpen = ({ status, isMeasured }: Known): boolean =>
  status === 'suggested' || (status === 'accepted' && !isMeasured);

/** Blocks a new row of its kind: it is open, or it was withdrawn and its time is not over. */
const isOngoing = (each: Known | undefined, now: Temporal.Instant): boolean => {
  if (!each) return false;
  return each.status === 'suggested' || each.isWithdrawn
    ? Temporal.Instant.compare(now, each.expiresAt) < 0
    : isOpen(each);
};

/** Dismissed, or the last of its kind and expired without an answer. */
const isDeclined = (each: Known, latest: ReadonlyMap<string, Known>, now: Temporal.Instant): boolean =>
  each.status === 'dismissed' || (hasLapsed(each, now) && latest.get(kindOf(each)) === each);

const hasLapsed = (each: Known, now: Temporal.Instant): boolean =>
  statusAt(each, now) === 'expired' &&
  !each.isWithdrawn &&
  Temporal.Instant.compare(now, expiryOf(each.expiresAt)) < 0;

/** Material changes are a saving at least half as large again, another kind or another target. */
const hasChanged = (suggestion: Suggestion, before: Suggestion): boolean =>
  2n * suggestion.savingMinor >= 3n * before.savingMinor ||
  kindOf(suggestion) !== kindOf(before) ||
  targetOf(suggestion) !== targetOf(before);

const targetOf = ({ evidence }: Suggestion): string | null =>
  evidence.type === 'merchant_consolidation' ? evidence.targetKey : null;

const isGone = (each: Known, found: readonly Suggestion[], now: Temporal.Instant): boolean =>
  each.status === 'suggested' &&
  (statusAt(each, now) === 'expired' || !found.some((suggestion) => kindOf(suggestion) === kindOf(each)));

/** Compares all stored fields. */
const isSame = (one: Ranked, other: Ranked): boolean => factsOf(one) === factsOf(other);

const factsOf = ({
  currency,
  savingMinor,
  savingsPct,
  confidence,
  difficulty,
  worth,
  evidence,
}: Ranked): string =>
  JSON.stringify([
    currency,
    savingMinor.toString(),
    savingsPct,
    confidence,
    difficulty,
    worth,
    sorted(evidence),
  ]);

/** The database returns JSON members in another order than they were written. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => [name, sorted(member)]);
}
