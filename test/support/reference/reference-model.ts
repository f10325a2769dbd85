/**
 * A reference model of the evaluation: slow, obvious and in memory alone. It adds everything up from the latest
 * events at each call. It is written from the design and shares no code with `src`.
 */

import { beginningOf, dayIn, modelPeriod, type ModelPeriodKind } from './reference-calendar.ts';
import { type ModelRate, ReferenceRates } from './reference-rates.ts';

export type ModelExpense = {
  userId: string;
  categoryId: string;
  amountMinor: bigint;
  currency: string;
  spentAt: Temporal.Instant;
};

/** `expense` is null for a deletion. */
export type ModelEvent = {
  id: string;
  time: Temporal.Instant;
  expenseId: string;
  expense: ModelExpense | null;
};

export type ModelRule = {
  id: string;
  userId: string;
  categoryId: string | null;
  currency: string;
  period: ModelPeriodKind;
  budgetMinor: bigint;
  levels: readonly number[];
  cooldownMinutes: number;
};

type ModelDecision = {
  ruleId: string;
  periodStart: string;
  level: number;
  outcome: 'notified' | 'superseded' | 'deduplicated' | 'past_period' | 'resolved';
  spentMinor: bigint;
  until: string | null;
};

const minute = 60_000;
const hour = 60 * minute;

type Level = { isOpen: boolean; notifiedAt: number | null; renotifyAt: number | null };
type Opening = { opens: boolean; decision: ModelDecision };

export class ReferenceModel {
  readonly decisions: ModelDecision[] = [];
  /** One entry for each event of an expense that has no rate to the currency of a rule over it. */
  readonly unrated: { ruleId: string; expenseId: string }[] = [];
  readonly #rules: readonly ModelRule[];
  readonly #zoneOf: (userId: string) => string;
  readonly #events: ModelEvent[] = [];
  readonly #levels = new Map<string, Level>();
  readonly #rates = new ReferenceRates();
  #now: Temporal.Instant;

  constructor(rules: readonly ModelRule[], zoneOf: (userId: string) => string, now: Temporal.Instant) {
    this.#rules = rules;
    this.#zoneOf = zoneOf;
    this.#now = now;
  }

  /** Returns expenses as of their latest `(time, id)`, without deleted ones. */
  expenses(): Map<string, ModelExpense> {
    const winners = new Map<string, ModelEvent>();
    for (const event of this.#events) {
      const best = winners.get(event.expenseId);
      if (!best || isLater(event, best)) winners.set(event.expenseId, event);
    }
    const live = [...winners].flatMap(([id, { expense }]) => (expense ? [[id, expense] as const] : []));
    return new Map(live);
  }

  /** Returns amounts and counts by person, day, category and currency. */
  dailySpend(): Map<string, { amountMinor: bigint; count: number }> {
    const totals = new Map<string, { amountMinor: bigint; count: number }>();
    for (const { userId, categoryId, currency, amountMinor, spentAt } of this.expenses().values()) {
      const key = [userId, dayIn(this.#zoneOf(userId), spentAt), categoryId, currency].join(' ');
      const total = totals.get(key) ?? { amountMinor: 0n, count: 0 };
      totals.set(key, { amountMinor: total.amountMinor + amountMinor, count: total.count + 1 });
    }
    return totals;
  }

  /** Returns spending by rule and first day, for periods that have begun and ever had an expense. */
  ruleSpend(): Map<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const rule of this.#rules)
      for (const start of this.#periodsOf(rule))
        if (this.hasBegun(rule, start)) sums.set(`${rule.id} ${start}`, this.#spent(rule, start));
    return sums;
  }

  hasBegun(rule: ModelRule, start: string): boolean {
    return this.#phase(rule, start) !== 'future';
  }

  /** Lists every open level as `rule start level`. */
  openLevels(): string[] {
    return [...this.#levels].filter(([, level]) => level.isOpen).map(([key]) => key);
  }

  /** Lists the levels reached by the final sums in every period that has begun, to check the steps. */
  reachedLevels(): string[] {
    const begun = this.#rules.flatMap((rule) => this.#periodsOf(rule).map((start) => ({ rule, start })));
    return begun
      .filter(({ rule, start }) => this.hasBegun(rule, start))
      .flatMap(({ rule, start }) =>
        rule.levels
          .filter((level) => this.#spent(rule, start) * 100n >= BigInt(level) * rule.budgetMinor)
          .map((level) => `${rule.id} ${start} ${level}`),
      );
  }

  /** Evaluates a batch: applies the events one by one, then decides. */
  evaluate(batch: readonly ModelEvent[]): void {
    const crossings = new Map<string, Opening[]>();
    for (const event of batch) {
      if (this.#events.some((known) => known.id === event.id)) continue;
      this.#noteUnrated(event);
      this.#events.push(event);
      for (const rule of this.#rules)
        for (const start of this.#periodsOf(rule)) this.#cross(rule, start, crossings);
    }
    this.#decide(crossings);
  }

  /** Stores rates and evaluates every period again. */
  price(rates: readonly ModelRate[]): void {
    this.#rates.put(rates);
    const crossings = new Map<string, Opening[]>();
    for (const rule of this.#rules)
      for (const start of this.#periodsOf(rule)) this.#cross(rule, start, crossings);
    this.#decide(crossings);
  }

  /** Moves the time on: periods begin and are evaluated, and cooldowns end. */
  advance(now: Temporal.Instant): void {
    this.#now = now;
    const crossings = new Map<string, Opening[]>();
    for (const rule of this.#rules)
      for (const start of this.#periodsOf(rule))
        if (this.#phase(rule, start) === 'current') this.#cross(rule, start, crossings);
    this.#decide(crossings);
    for (const rule of this.#rules)
      for (const start of this.#periodsOf(rule)) this.#endCooldowns(rule, start);
  }

  #noteUnrated({ expenseId, id, time, expense }: ModelEvent): void {
    const others = this.#events.filter((event) => event.expenseId === expenseId);
    if (!expense || others.some((other) => isLater(other, { id, time }))) return;
    for (const rule of this.#rules)
      if (isWatched(rule, expense) && this.#amount(rule, expense) === null)
        this.unrated.push({ ruleId: rule.id, expenseId });
  }

  /** Converts to the rule's currency at the rate of the day of the expense. */
  #amount(rule: ModelRule, { amountMinor, currency, spentAt }: ModelExpense): bigint | null {
    const day = dayIn(this.#zoneOf(rule.userId), spentAt);
    return this.#rates.convert(amountMinor, { from: currency, to: rule.currency, day });
  }

  #today(rule: ModelRule): string {
    return dayIn(this.#zoneOf(rule.userId), this.#now);
  }

  /** Lists the first days of the periods in which the rule's person ever had an expense. */
  #periodsOf(rule: ModelRule): string[] {
    const mine = this.#events.flatMap(({ expense }) => (expense?.userId === rule.userId ? [expense] : []));
    const days = mine.map(({ spentAt }) => dayIn(this.#zoneOf(rule.userId), spentAt));
    return [...new Set(days.map((day) => modelPeriod(rule.period, day).start))].sort();
  }

  #spent(rule: ModelRule, start: string): bigint {
    let sum = 0n;
    for (const expense of this.expenses().values()) {
      if (!isWatched(rule, expense)) continue;
      const day = dayIn(this.#zoneOf(rule.userId), expense.spentAt);
      if (modelPeriod(rule.period, day).start === start) sum += this.#amount(rule, expense) ?? 0n;
    }
    return sum;
  }

  /** Late expenses alert for 72 hours after the end of a period, or 12 for a daily one. */
  #phase(rule: ModelRule, start: string): 'future' | 'current' | 'grace' | 'closed' {
    const today = this.#today(rule);
    const { end } = modelPeriod(rule.period, start);
    if (today < start) return 'future';
    if (today < end) return 'current';
    const hours = rule.period === 'daily' ? 12 : 72;
    const closes = beginningOf(end, this.#zoneOf(rule.userId)) + hours * hour;
    return this.#now.epochMilliseconds < closes ? 'grace' : 'closed';
  }

  #level(rule: ModelRule, start: string, level: number): Level {
    const key = `${rule.id} ${start} ${level}`;
    const known = this.#levels.get(key) ?? { isOpen: false, notifiedAt: null, renotifyAt: null };
    this.#levels.set(key, known);
    return known;
  }

  #cross(rule: ModelRule, start: string, crossings: Map<string, Opening[]>): void {
    if (this.#phase(rule, start) === 'future') return;
    const spentMinor = this.#spent(rule, start);
    const isReached = (level: number) => spentMinor * 100n >= BigInt(level) * rule.budgetMinor;
    const upwards = [...rule.levels].sort((a, b) => a - b);
    const moved = [
      ...upwards.filter((level) => isReached(level) && !this.#level(rule, start, level).isOpen),
      ...upwards.reverse().filter((level) => !isReached(level) && this.#level(rule, start, level).isOpen),
    ];
    const key = `${rule.id} ${start}`;
    for (const level of moved) {
      const state = this.#level(rule, start, level);
      state.isOpen = !state.isOpen;
      state.renotifyAt = null;
      const outcome = state.isOpen ? ('superseded' as const) : ('resolved' as const);
      const decision = { ruleId: rule.id, periodStart: start, level, outcome, spentMinor, until: null };
      crossings.set(key, [...(crossings.get(key) ?? []), { opens: state.isOpen, decision }]);
    }
  }

  /** Supersedes every opening except the highest that is still open at the end. */
  #decide(crossings: ReadonlyMap<string, Opening[]>): void {
    for (const openings of crossings.values()) {
      const stillOpen = openings.filter(
        ({ opens, decision: { level } }, index) =>
          opens && !openings.slice(index + 1).some((later) => later.decision.level === level),
      );
      const highest = Math.max(...stillOpen.map(({ decision: { level } }) => level));
      const top = stillOpen.find(({ decision: { level } }) => level === highest);
      if (top) this.#notify(top.decision);
      for (const { opens, decision } of openings)
        this.decisions.push(opens ? this.#closeIfPast(decision) : decision);
    }
  }

  #closeIfPast(decision: ModelDecision): ModelDecision {
    const isClosed = this.#phase(this.#rule(decision), decision.periodStart) === 'closed';
    return isClosed ? { ...decision, outcome: 'past_period', until: null } : decision;
  }

  #rule({ ruleId }: ModelDecision): ModelRule {
    const rule = this.#rules.find(({ id }) => id === ruleId);
    if (!rule) throw new Error(`no rule ${ruleId}`);
    return rule;
  }

  #notify(decision: ModelDecision): void {
    const rule = this.#rule(decision);
    if (this.#phase(rule, decision.periodStart) === 'closed') return;
    const state = this.#level(rule, decision.periodStart, decision.level);
    const cooled = state.notifiedAt === null ? 0 : state.notifiedAt + rule.cooldownMinutes * minute;
    const now = this.#now.epochMilliseconds;
    decision.outcome = now < cooled ? 'deduplicated' : 'notified';
    if (now >= cooled) state.notifiedAt = now;
    state.renotifyAt = now < cooled ? cooled : null;
    decision.until = now < cooled ? Temporal.Instant.fromEpochMilliseconds(cooled).toString() : null;
  }

  /** Notifies waiting levels that are still open. A higher open level supersedes them, as its own alert counts. */
  #endCooldowns(rule: ModelRule, start: string): void {
    const now = this.#now.epochMilliseconds;
    const open = rule.levels.filter((level) => this.#level(rule, start, level).isOpen);
    for (const level of open.sort((a, b) => a - b)) {
      const state = this.#level(rule, start, level);
      if (state.renotifyAt === null || state.renotifyAt > now) continue;
      state.renotifyAt = null;
      const isHighest = level === Math.max(...open);
      if (isHighest) state.notifiedAt = now;
      const outcome = isHighest ? ('notified' as const) : ('superseded' as const);
      const spentMinor = this.#spent(rule, start);
      this.decisions.push(
        this.#closeIfPast({ ruleId: rule.id, periodStart: start, level, outcome, spentMinor, until: null }),
      );
    }
  }
}

const isWatched = (rule: ModelRule, expense: ModelExpense): boolean =>
  rule.userId === expense.userId && (rule.categoryId === null || rule.categoryId === expense.categoryId);

function isLater(
  event: { id: string; time: Temporal.Instant },
  than: { id: string; time: Temporal.Instant },
) {
  const byTime = event.time.epochMilliseconds - than.time.epochMilliseconds;
  return byTime === 0 ? event.id > than.id : byTime > 0;
}
