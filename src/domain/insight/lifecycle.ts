/** What becomes of a person's recommendations when their spending is looked at anew. */
import type { Suggestion } from './suggestion.ts';

export const recommendationStatuses = ['suggested', 'accepted', 'dismissed', 'expired'] as const;
export type RecommendationStatus = (typeof recommendationStatuses)[number];

const keptDays = 30;

/** As far as it matters here. `isMeasured`: accepted, and what it saved is known. */
export type Known = Suggestion & {
  id: string;
  status: RecommendationStatus;
  isMeasured: boolean;
  createdAt: Temporal.Instant;
  expiresAt: Temporal.Instant;
};

/** `withdraw`: they end as expired. */
export type Reconciliation = {
  insert: Suggestion[];
  refresh: { id: string; suggestion: Suggestion }[];
  withdraw: string[];
};

export const expiryOf = (createdAt: Temporal.Instant): Temporal.Instant =>
  createdAt.add({ hours: 24 * keptDays });

/** A suggested one is over when its time is, whether or not anybody has noted it. */
export const statusAt = (
  { status, expiresAt }: Pick<Known, 'status' | 'expiresAt'>,
  now: Temporal.Instant,
): RecommendationStatus =>
  status === 'suggested' && Temporal.Instant.compare(expiresAt, now) <= 0 ? 'expired' : status;

/**
 * `found`: what the spending suggests now. One of a kind is open at a time: suggested, and then kept up to
 * date, or accepted and not measured yet. What the person declined, let pass or grew out of comes back only
 * where the picture has materially changed since.
 */
export function reconcile(
  found: readonly Suggestion[],
  known: readonly Known[],
  now: Temporal.Instant,
): Reconciliation {
  const latest = latestOfKind(known);
  const plan: Reconciliation = { insert: [], refresh: [], withdraw: [] };
  for (const suggestion of found) {
    const like = latest.get(kindOf(suggestion));
    const status = like && statusAt(like, now);
    if (like && status === 'suggested') {
      if (!isSame(suggestion, like)) plan.refresh.push({ id: like.id, suggestion });
    } else if (!like || isWelcome(suggestion, like)) plan.insert.push(suggestion);
  }
  plan.withdraw = known.filter((each) => isGone(each, found, now)).map(({ id }) => id);
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

/** After one that is not suggested any more. */
const isWelcome = (suggestion: Suggestion, before: Known): boolean =>
  before.status === 'accepted' ? before.isMeasured : hasChanged(suggestion, before);

/** Materially: the saving is at least half as large again, or it is about another merchant. */
const hasChanged = (suggestion: Suggestion, before: Suggestion): boolean =>
  2n * suggestion.savingMinor >= 3n * before.savingMinor || targetOf(suggestion) !== targetOf(before);

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
