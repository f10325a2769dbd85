/** Chooses the few suggestions that a person is shown, those that are worth most. */
import type { Suggestion } from './suggestion.ts';

/** `worth`: the saving a month in minor units that is expected of showing it. The list is sorted by it. */
export type Ranked = Suggestion & { worth: number };

/** Answers of a person to one kind of advice: a type in a category. `dismissedAt`: the latest. `made`: in the last 30 days. */
export type KindAnswers = {
  type: string;
  categoryId: string;
  accepted: number;
  dismissed: number;
  dismissedAt: Temporal.Instant | null;
  made: number;
};

/** `newLeft`: so many may still be made now. `resting`: kinds that rest, as `type categoryId`. */
export type Limits = { newLeft: number; resting: ReadonlySet<string> };

const mostOpen = 3;
/** In 30 days. */
const mostNew = 2;
/** A new one takes another's place only if it is worth half as much again. */
const displacing = 1.5;
const restsAfter = 2;
const restHours = 24 * 182;
/** Before any answer, one suggestion in four is expected to be taken up. */
const taken = { accepted: 1, dismissed: 3 } as const;

export function limitsFrom(answers: readonly KindAnswers[], now: Temporal.Instant): Limits {
  const made = answers.reduce((count, each) => count + each.made, 0);
  const resting = answers.filter(
    ({ dismissed, dismissedAt }) =>
      dismissed >= restsAfter &&
      dismissedAt !== null &&
      Temporal.Instant.compare(now, dismissedAt.add({ hours: restHours })) < 0,
  );
  return {
    newLeft: Math.max(0, mostNew - made),
    resting: new Set(resting.map(({ type, categoryId }) => `${type} ${categoryId}`)),
  };
}

/**
 * The saving, times the probability that it is real, times the probability that the person takes advice of this type up:
 * the mean of Beta(1 + accepted, 3 + dismissed).
 */
export function rank(suggestion: Suggestion, answers: readonly KindAnswers[]): Ranked {
  const own = answers.filter(({ type }) => type === suggestion.evidence.type);
  const accepted = own.reduce<number>((count, each) => count + each.accepted, taken.accepted);
  const dismissed = own.reduce<number>((count, each) => count + each.dismissed, taken.dismissed);
  const worth = (Number(suggestion.savingMinor) * suggestion.confidence * accepted) / (accepted + dismissed);
  return { ...suggestion, worth: Math.round(worth) };
}

/**
 * `open` are shown already, and `closed` may be: `isReopened` says whether it was shown before and only comes back, which
 * makes no new row. `displaced` are open ones that give way.
 */
export function choose(
  {
    open,
    closed,
    isReopened,
  }: { open: readonly Ranked[]; closed: readonly Ranked[]; isReopened: (each: Ranked) => boolean },
  { newLeft, resting }: Limits,
): { chosen: Ranked[]; displaced: Set<Ranked> } {
  const shown = open.toSorted(byWorth);
  const chosen: Ranked[] = [];
  const displaced = new Set<Ranked>(shown.splice(mostOpen));
  let left = newLeft;
  const candidates = closed.filter(
    ({ categoryId, evidence }) => !resting.has(`${evidence.type} ${categoryId}`),
  );
  for (const each of candidates.toSorted(byWorth)) {
    if (left === 0 && !isReopened(each)) continue;
    if (shown.length + chosen.length >= mostOpen) {
      const weakest = shown.at(-1);
      if (!weakest || each.worth < displacing * weakest.worth) continue;
      displaced.add(weakest);
      shown.pop();
    }
    chosen.push(each);
    if (!isReopened(each)) left--;
  }
  return { chosen, displaced };
}

const byWorth = (one: Ranked, other: Ranked): number =>
  other.worth - one.worth || (one.categoryId < other.categoryId ? -1 : 1);
