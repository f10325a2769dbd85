/** Decides how a person's recommendations change when their profile is rebuilt. */
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
export type Known = Suggestion & {
  id: string;
  status: RecommendationStatus;
  isMeasured: boolean;
  isWithdrawn: boolean;
  createdAt: Temporal.Instant;
  expiresAt: Temporal.Instant;
};

/** `refresh`: these are open or open again. `withdraw`: these end as expired. */
export type Reconciliation = {
  insert: Suggestion[];
  refresh: { id: string; suggestion: Suggestion; expiresAt: Temporal.Instant }[];
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
 * not measured yet.
 *
 * Dismissed recommendations return only after a material change. So does the last of a kind that recently
 * expired. A withdrawn one blocks nothing: if it is suggested again in its time, its row is opened again. So
 * a suggestion that comes and goes makes no new row each time.
 */
export function reconcile(
  found: readonly Suggestion[],
  known: readonly Known[],
  now: Temporal.Instant,
): Reconciliation {
  const latest = latestOfKind(known);
  const declined = known.filter((each) => isDeclined(each, latest, now));
  const suggested = found.filter((suggestion) => declined.every((each) => hasChanged(suggestion, each)));
  const plan: Reconciliation = { insert: [], refresh: [], withdraw: [] };
  for (const suggestion of suggested) {
    const previous = latest.get(kindOf(suggestion));
    if (!previous || !isOngoing(previous, now)) plan.insert.push(suggestion);
    else if (previous.isWithdrawn)
      plan.refresh.push({ id: previous.id, suggestion, expiresAt: expiryOf(now) });
    else if (previous.status === 'suggested' && !isSame(suggestion, previous))
      plan.refresh.push({ id: previous.id, suggestion, expiresAt: previous.expiresAt });
  }
  plan.withdraw = known.filter((each) => isGone(each, suggested, now)).map(({ id }) => id);
  return plan;
}

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
const isOngoing = (each: Known, now: Temporal.Instant): boolean =>
  each.status === 'suggested' || each.isWithdrawn
    ? Temporal.Instant.compare(now, each.expiresAt) < 0
    : isOpen(each);

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
const isSame = (one: Suggestion, other: Suggestion): boolean => factsOf(one) === factsOf(other);

const factsOf = ({
  currency,
  savingMinor,
  savingsPct,
  confidence,
  difficulty,
  evidence,
}: Suggestion): string =>
  JSON.stringify([currency, savingMinor.toString(), savingsPct, confidence, difficulty, sorted(evidence)]);

/** The database returns JSON members in another order than they were written. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => [name, sorted(member)]);
}
