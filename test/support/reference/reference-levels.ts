/**
 * The levels of one rule in one period, as the reference model sees them: which opens, which resolves, and which speaks.
 * Written from the design; it shares no code with `src`.
 */
import type { ModelBudgetPeriod } from './reference-periods.ts';

export type ModelRule = {
  id: string;
  userId: string;
  categoryId: string | null;
  categoryIds?: readonly string[];
  excludeCategories?: readonly string[];
  /** Words in capitals, with which the names of merchants begin. */
  excludeMerchants?: readonly string[];
  currency: string;
  period: ModelBudgetPeriod;
  budgetMinor: bigint;
  rollover?: 'unspent' | 'both';
  levels: readonly number[];
  /** Those of the levels that are more severe than the others. */
  severe?: readonly number[];
  cooldownMinutes: number;
};

export type ModelDecision = {
  ruleId: string;
  periodStart: string;
  level: number;
  outcome: 'notified' | 'superseded' | 'deduplicated' | 'past_period' | 'resolved';
  spentMinor: bigint;
  until: string | null;
};

/**
 * Milliseconds since 1970, the sum of the period, whether it may still alert, and whether its budget alone changed: then
 * nobody hears of a level again.
 */
type At = { now: number; spentMinor: bigint; isClosed: boolean; isEdit?: boolean };

/**
 * `alert`: what became of the alert that the present opening made, at `madeAt`. `heardAt`: when the level was last heard.
 * `waitingAt`: when an alert of the opening before was made, if it is still on its way.
 */
type Level = {
  isOpen: boolean;
  alert: 'none' | 'made' | 'heard';
  madeAt: number | null;
  heardAt: number | null;
  waitingAt: number | null;
  renotifyAt: number | null;
};

/** A level that spending crossed. `lostAlert`: it fell, and nobody had heard its alert. */
type Crossing = { level: number; opens: boolean; lostAlert: boolean; spentMinor: bigint };

const minute = 60_000;

/** Where there is no budget, any spending reaches every level. */
export const isLevelReached = (level: number, spentMinor: bigint, budgetMinor: bigint): boolean =>
  budgetMinor === 0n ? spentMinor > 0n : spentMinor * 100n >= BigInt(level) * budgetMinor;

export class ModelPeriod {
  readonly rule: ModelRule;
  readonly start: string;
  readonly #levels: Map<number, Level>;
  #crossings: Crossing[] = [];
  #spentMinor = 0n;

  constructor(rule: ModelRule, start: string) {
    this.rule = rule;
    this.start = start;
    const fresh = (): Level => ({
      isOpen: false,
      alert: 'none',
      madeAt: null,
      heardAt: null,
      waitingAt: null,
      renotifyAt: null,
    });
    this.#levels = new Map([...rule.levels].sort((a, b) => a - b).map((level) => [level, fresh()]));
  }

  openLevels(): number[] {
    return [...this.#levels].filter(([, { isOpen }]) => isOpen).map(([level]) => level);
  }

  hear(now: number): void {
    for (const state of this.#levels.values()) {
      if (!state.isOpen || state.alert !== 'made') continue;
      state.alert = 'heard';
      state.heardAt = now;
    }
  }

  /**
   * Upwards from the lowest level, downwards from the highest. Once the period is over, a level opens by what is spent and not
   * by another budget.
   */
  cross(spentMinor: bigint, budgetMinor = this.rule.budgetMinor, isOver = false): void {
    const isReached = (level: number) => isLevelReached(level, spentMinor, budgetMinor);
    const wasReached = (level: number) => isOver && isLevelReached(level, this.#spentMinor, budgetMinor);
    const up = [...this.#levels].filter(
      ([level, { isOpen }]) => isReached(level) && !isOpen && !wasReached(level),
    );
    this.#spentMinor = spentMinor;
    const down = [...this.#levels].filter(([level, { isOpen }]) => !isReached(level) && isOpen).reverse();
    for (const [level, state] of [...up, ...down]) {
      const lostAlert = state.isOpen && state.alert === 'made';
      if (lostAlert) state.waitingAt = state.madeAt;
      Object.assign(state, { isOpen: !state.isOpen, alert: 'none', renotifyAt: null });
      this.#crossings.push({ level, opens: state.isOpen, lostAlert, spentMinor });
    }
  }

  /** Of the openings that last to the end one speaks. The others are superseded, or wait with it. */
  decide(at: At): ModelDecision[] {
    const crossings = this.#crossings.splice(0);
    const last = new Map(crossings.map((crossing) => [crossing.level, crossing]));
    const lasting = [...last.values()].filter(({ opens }) => opens);
    const news = lasting.map(({ level }) => level);
    const candidates = [...news, ...(at.isEdit ? [] : this.#superseded(crossings, news))].filter(
      (level) => !this.#isOutranked(level, news),
    );
    const { speaker, saying, until } = this.#speak(at, candidates);
    for (const level of news) this.#level(level).waitingAt = null;
    const outcomeOf = (crossing: Crossing): ModelDecision['outcome'] => {
      if (!crossing.opens) return 'resolved';
      if (at.isClosed) return 'past_period';
      if (!lasting.includes(crossing)) return 'superseded';
      const speaks = until === null ? crossing.level === speaker : candidates.includes(crossing.level);
      return speaks ? saying : 'superseded';
    };
    const rows = crossings.map((crossing) => {
      const outcome = outcomeOf(crossing);
      return this.#row(crossing.level, outcome, crossing.spentMinor, outcome === saying ? until : null);
    });
    if (speaker === undefined || news.includes(speaker)) return rows;
    return [...rows, this.#row(speaker, saying, at.spentMinor, until)];
  }

  /** `until`: the end of the cooldown, in which all candidates wait. An edit says nothing that was heard before. */
  #speak(at: At, candidates: readonly number[]) {
    const speaker = at.isClosed ? undefined : this.#mostSevere(candidates);
    const speaks = { speaker, saying: 'notified' as const, until: null };
    if (speaker === undefined) return speaks;
    if (at.isEdit && this.#level(speaker).heardAt !== null)
      return { speaker, saying: 'deduplicated' as const, until: null };
    const until = this.#cooledAt(speaker);
    if (at.now < until) {
      for (const level of candidates) this.#level(level).renotifyAt = until;
      return { speaker, saying: 'deduplicated' as const, until };
    }
    Object.assign(this.#level(speaker), { alert: 'made', madeAt: at.now });
    return speaks;
  }

  /** Of the levels that waited one speaks, and then no other waits on. A higher one that was heard supersedes it. */
  endCooldowns({ now, spentMinor, isClosed }: At): ModelDecision[] {
    const isDue = ({ isOpen, renotifyAt }: Level) => isOpen && renotifyAt !== null && renotifyAt <= now;
    const due = [...this.#levels].filter(([, state]) => isDue(state));
    const ready = due.map(([level]) => level).filter((level) => now >= this.#cooledAt(level));
    const speaker = isClosed
      ? undefined
      : this.#mostSevere(ready.filter((level) => !this.#isOutranked(level, [])));
    return due.flatMap(([level, state]) => {
      const isDone = isClosed || speaker !== undefined || this.#isOutranked(level, []);
      state.renotifyAt = isDone ? null : this.#cooledAt(level);
      if (!isDone) return [];
      if (level === speaker) Object.assign(state, { alert: 'made', madeAt: now });
      const outcome = level === speaker ? 'notified' : 'superseded';
      return [this.#row(level, isClosed ? 'past_period' : outcome, spentMinor, null)];
    });
  }

  #row(
    level: number,
    outcome: ModelDecision['outcome'],
    spentMinor: bigint,
    until: number | null,
  ): ModelDecision {
    const text = until === null ? null : Temporal.Instant.fromEpochMilliseconds(until).toString();
    return { ruleId: this.rule.id, periodStart: this.start, level, outcome, spentMinor, until: text };
  }

  #level(level: number): Level {
    const state = this.#levels.get(level);
    if (!state) throw new Error(`no level ${level}`);
    return state;
  }

  /** If an alert that nobody heard is lost, the open levels that it spoke for. */
  #superseded(crossings: readonly Crossing[], news: readonly number[]): number[] {
    if (!crossings.some(({ level, lostAlert }) => lostAlert && !this.#level(level).isOpen)) return [];
    return this.openLevels().filter((level) => {
      const { alert, renotifyAt } = this.#level(level);
      return !news.includes(level) && alert === 'none' && renotifyAt === null;
    });
  }

  /** A higher level was open before, and was heard. */
  #isOutranked(level: number, news: readonly number[]): boolean {
    return this.openLevels().some(
      (other) => other > level && !news.includes(other) && this.#level(other).alert === 'heard',
    );
  }

  #mostSevere(levels: readonly number[]): number | undefined {
    const worst = levels.filter((level) => this.rule.severe?.includes(level));
    const among = worst.length > 0 ? worst : levels;
    return among.length > 0 ? Math.max(...among) : undefined;
  }

  #cooledAt(level: number): number {
    const { heardAt, waitingAt } = this.#level(level);
    const last = Math.max(heardAt ?? -Infinity, waitingAt ?? -Infinity);
    return last === -Infinity ? 0 : last + this.rule.cooldownMinutes * minute;
  }
}
