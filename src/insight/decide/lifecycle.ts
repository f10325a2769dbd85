/** What becomes of a person's recommendations when their spending is looked at anew. */
import type { Suggestion } from './suggestion.ts';

export const recommendationStatuses = ['suggested', 'accepted', 'dismissed', 'expired'] as const;
export type RecommendationStatus = (typeof recommendationStatuses)[number];

/** Through the end of a month and the beginning of the next; and what was let pass is not said for as long again. */
const keptDays = 45;

/**
 * As far as it matters here. `isMeasured`: accepted, and what it saved is known. `isWithdrawn`: expired before its
 * time was over, as the spending did not suggest it any more.
 */
export type Known = Suggestion & {
  id: string;
  status: RecommendationStatus;
  isMeasured: boolean;
  isWithdrawn: boolean;
  createdAt: Temporal.Instant;
  expiresAt: Temporal.Instant;
};

/** `refresh`: they are open, or open again. `withdraw`: they end as expired. */
export type Reconciliation = {
  insert: Suggestion[];
  refresh: { id: string; suggestion: Suggestion; expiresAt: Temporal.Instant }[];
  withdraw: string[];
};

export const expiryOf = (since: Temporal.Instant): Temporal.Instant => since.add({ hours: 24 * keptDays });

/** A suggested one is over when its time is, whether or not anybody has noted it. */
export const statusAt = (
  { status, expiresAt }: Pick<Known, 'status' | 'expiresAt'>,
  now: Temporal.Instant,
): RecommendationStatus =>
  status === 'suggested' && Temporal.Instant.compare(expiresAt, now) <= 0 ? 'expired' : status;

/**
 * `found`: what the spending suggests now. `known`: of each kind the latest, and of what was dismissed what would
 * have saved most, by target. One of a kind is open at a time: suggested, and then kept up to date, or accepted
 * and not measured yet. What the person declined, or let pass last and not long ago, comes back only where the
 * picture has materially changed since. What is withdrawn keeps nothing away: suggested anew before its time is over it is
 * open again itself, so that one that comes and goes makes no row each time.
 */
export function reconcile(
  found: readonly Suggestion[],
  known: readonly Known[],
  now: Temporal.Instant,
): Reconciliation {
  const latest = latestOfKind(known);
  const declined = known.filter((each) => isDeclined(each, latest, now));
  const welcome = found.filter((suggestion) => declined.every((each) => hasChanged(suggestion, each)));
  const plan: Reconciliation = { insert: [], refresh: [], withdraw: [] };
  for (const suggestion of welcome) {
    const like = latest.get(kindOf(suggestion));
    if (!like || !goesOn(like, now)) plan.insert.push(suggestion);
    else if (like.isWithdrawn) plan.refresh.push({ id: like.id, suggestion, expiresAt: expiryOf(now) });
    else if (like.status === 'suggested' && !isSame(suggestion, like))
      plan.refresh.push({ id: like.id, suggestion, expiresAt: like.expiresAt });
  }
  plan.withdraw = known.filter((each) => isGone(each, welcome, now)).map(({ id }) => id);
  return plan;
}

const kindOf = ({ categoryId, evidence }: Suggestion): string => `${evidence.type} ${categoryId}`;

/** The one that is open, else the last made. */
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

/** No other of its kind is made meanwhile: it is open, or was withdrawn and its time is not over. */
const goesOn = (each: Known, now: Temporal.Instant): boolean =>
  each.status === 'suggested' || each.isWithdrawn
    ? Temporal.Instant.compare(now, each.expiresAt) < 0
    : isOpen(each);

/** Dismissed; or the last of its kind, and nobody took it up in time. */
const isDeclined = (each: Known, latest: ReadonlyMap<string, Known>, now: Temporal.Instant): boolean =>
  each.status === 'dismissed' || (wasLetPass(each, now) && latest.get(kindOf(each)) === each);

const wasLetPass = (each: Known, now: Temporal.Instant): boolean =>
  statusAt(each, now) === 'expired' &&
  !each.isWithdrawn &&
  Temporal.Instant.compare(now, expiryOf(each.expiresAt)) < 0;

/** Materially: the saving is at least half as large again, or it is about something else. */
const hasChanged = (suggestion: Suggestion, before: Suggestion): boolean =>
  2n * suggestion.savingMinor >= 3n * before.savingMinor ||
  kindOf(suggestion) !== kindOf(before) ||
  targetOf(suggestion) !== targetOf(before);

const targetOf = ({ evidence }: Suggestion): string | null =>
  evidence.type === 'merchant_consolidation' ? evidence.targetKey : null;

const isGone = (each: Known, found: readonly Suggestion[], now: Temporal.Instant): boolean =>
  each.status === 'suggested' &&
  (statusAt(each, now) === 'expired' || !found.some((suggestion) => kindOf(suggestion) === kindOf(each)));

/** By everything that is kept of it. */
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

/** The database gives members back in another order than they were written. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => [name, sorted(member)]);
}
