/**
 * Who is read next for the live streams of a process. People are read when a signal names them. Rounds also come to
 * everybody bit by bit, in case a signal was lost: slowly while signals are heard, and quickly while they are not.
 *
 * People are given by `personKey`, and times in milliseconds of a clock that never goes back.
 */

/** The time of a round: while signals cannot be heard, and while they can. */
type RoundMs = { deaf: number; hearing: number };

/** A look at a person's spending costs a hundred times that at their notifications. */
const rounds = {
  notifications: { deaf: 500, hearing: 10_000 },
  spending: { deaf: 1_000, hearing: 60_000 },
} satisfies Record<string, RoundMs>;

/** The longest wait between two looks. */
export const lookEveryMs = 100;
/** A person's spending may change with every event, and is shown once a second. */
const spendingEveryMs = 1_000;
/** People in one query. The rows of more would keep the process from everything else for too long. */
const peopleAtOnce = 250;
/** Rounds take at most a fifth of the time, so a slow query makes the next come later. */
const restsPerQuery = 4;

/** `isMore`: others are due as well, and should be taken without a wait. */
type Taken = { notifications: Set<string>; spending: Set<string>; isMore: boolean };

export class ReadingQueue {
  /** Everybody with a stream. */
  readonly #all: ReadonlyMap<string, unknown>;
  readonly #notifications = new Set<string>();
  readonly #spending = new Set<string>();
  /** Those with a new stream, who see their spending at once. */
  readonly #begun = new Set<string>();
  /** When each person's spending was taken last. */
  readonly #spendingTakenAtMs = new Map<string, number>();
  readonly #rounds: { notifications: Round; spending: Round };
  #restsUntilMs = -Infinity;

  constructor(all: ReadonlyMap<string, unknown>) {
    this.#all = all;
    this.#rounds = {
      notifications: new Round(all, rounds.notifications),
      spending: new Round(all, rounds.spending),
    };
  }

  /** False if the person has no stream. */
  addNotification(key: string): boolean {
    if (!this.#all.has(key)) return false;
    this.#notifications.add(key);
    return true;
  }

  addSpending(key: string): void {
    if (this.#all.has(key)) this.#spending.add(key);
  }

  addBegun(key: string): void {
    this.#begun.add(key);
    this.#notifications.add(key);
  }

  /** The person has no stream any more. */
  forget(key: string): void {
    this.#spendingTakenAtMs.delete(key);
  }

  /** Begins rounds that come to everybody at once, as much may have been missed. */
  hurry(): void {
    this.#rounds.notifications.hurry();
    this.#rounds.spending.hurry();
  }

  /** Notes the time that a query took. */
  rest(beganMs: number, endedMs: number): void {
    this.#restsUntilMs = Math.max(this.#restsUntilMs, endedMs + restsPerQuery * (endedMs - beganMs));
  }

  take(nowMs: number, isHearing: boolean): Taken {
    const roundOf = (round: Round) => (nowMs < this.#restsUntilMs ? [] : round.take(nowMs, isHearing));
    const notifications = [...takeFirst(this.#notifications), ...roundOf(this.#rounds.notifications)];
    const spending = [
      ...takeFirst(this.#begun),
      ...this.#takeSpending(nowMs),
      ...roundOf(this.#rounds.spending),
    ];
    return {
      notifications: new Set(notifications),
      spending: new Set(spending),
      isMore: this.#isMore(isHearing),
    };
  }

  #isMore(isHearing: boolean): boolean {
    if (this.#notifications.size > 0 || this.#begun.size > 0) return true;
    return Object.values(this.#rounds).some((round) => round.isQuick(isHearing));
  }

  #takeSpending(nowMs: number): string[] {
    const isTime = (key: string) =>
      nowMs - (this.#spendingTakenAtMs.get(key) ?? -Infinity) >= spendingEveryMs;
    const taken = takeFirst(this.#spending, isTime);
    for (const key of taken) this.#spendingTakenAtMs.set(key, nowMs);
    return taken;
  }
}

/** Comes to everybody once in its time, with the same number at each look. */
class Round {
  readonly #all: ReadonlyMap<string, unknown>;
  readonly #everyMs: RoundMs;
  /** Those whom it has not come to yet. Null between two rounds. */
  #left: Iterator<string> | null = null;
  #beganMs = -Infinity;
  #isHurried = false;

  constructor(all: ReadonlyMap<string, unknown>, everyMs: RoundMs) {
    this.#all = all;
    this.#everyMs = everyMs;
  }

  hurry(): void {
    this.#left = null;
    this.#beganMs = -Infinity;
    this.#isHurried = true;
  }

  /** True in a round that does not wait between two looks. */
  isQuick(isHearing: boolean): boolean {
    return this.#left !== null && (this.#isHurried || !isHearing);
  }

  take(nowMs: number, isHearing: boolean): string[] {
    const everyMs = isHearing ? this.#everyMs.hearing : this.#everyMs.deaf;
    if (!this.#left) {
      if (nowMs - this.#beganMs < everyMs) return [];
      this.#left = this.#all.keys();
      this.#beganMs = nowMs;
    }
    const share = Math.ceil((this.#all.size * lookEveryMs) / everyMs);
    const keys = nextOf(this.#left, this.#isHurried ? peopleAtOnce : Math.min(share, peopleAtOnce));
    if (keys.length === 0) {
      this.#left = null;
      this.#isHurried = false;
    }
    return keys;
  }
}

/** Removes the first items that `mayTake` lets go, and returns them. */
function takeFirst(items: Set<string>, mayTake: (item: string) => boolean = () => true): string[] {
  const first = nextOf(items.values().filter(mayTake), peopleAtOnce);
  for (const item of first) items.delete(item);
  return first;
}

function nextOf(items: Iterator<string>, count: number): string[] {
  const next: string[] = [];
  while (next.length < count) {
    const { value, done } = items.next();
    if (done) break;
    next.push(value);
  }
  return next;
}
