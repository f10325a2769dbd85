/**
 * A reference model of the evaluation: slow, obvious and in memory alone. It adds everything up from the latest
 * events at each call. It is written from the design and shares no code with `src`.
 */

import { beginningOf, dayIn } from './reference-calendar.ts';
import { isLevelReached, type ModelDecision, ModelPeriod, type ModelRule } from './reference-levels.ts';
import { ReferenceRollover } from './reference-rollover.ts';
import { compareEvents, findWinner } from './reference-order.ts';
import { graceOf, modelPeriodOf } from './reference-periods.ts';
import { type ModelRate, ReferenceRates } from './reference-rates.ts';
import { isWatched, type ModelExpense } from './reference-scope.ts';

/** `expense` is null for a deletion. Of the others some are updates, and the rest creations. */
export type ModelEvent = {
  id: string;
  time: Temporal.Instant;
  isUpdate?: boolean;
  sequence?: string | null;
  expenseId: string;
  /** The expense that this one takes the place of. */
  replaces?: string | null;
  expense: ModelExpense | null;
};

const hour = 3_600_000;

export class ReferenceModel {
  readonly decisions: ModelDecision[] = [];
  /** One entry for each event of an expense that has no rate to the currency of a rule over it. */
  readonly unrated: { ruleId: string; expenseId: string }[] = [];
  /** Ids of events that replace an expense of another person. They are as if they had never come. */
  readonly refused: string[] = [];
  readonly #rules: readonly ModelRule[];
  readonly #zoneOf: (userId: string) => string;
  readonly #events: ModelEvent[] = [];
  readonly #known = new Set<string>();
  readonly #periods = new Map<string, ModelPeriod>();
  readonly #rates = new ReferenceRates();
  readonly #rollover: ReferenceRollover;
  #now: Temporal.Instant;

  constructor(rules: readonly ModelRule[], zoneOf: (userId: string) => string, now: Temporal.Instant) {
    this.#rules = rules;
    this.#zoneOf = zoneOf;
    this.#now = now;
    this.#rollover = new ReferenceRollover({
      today: (rule) => this.#today(rule),
      isClosed: (rule, start) => this.#phase(rule, start) === 'closed',
      spent: (rule, start) => this.#spent(rule, start),
    });
    for (const rule of rules) this.#rollover.begin(rule);
  }

  /** Returns expenses as of their latest event, without deleted ones. */
  expenses(): Map<string, ModelExpense> {
    const received = Map.groupBy(this.#events, ({ expenseId }) => expenseId);
    const live = [...received].flatMap(([id, events]) => {
      const expense = findWinner(events.map(toOrdered))?.expense;
      return expense ? [[id, expense] as const] : [];
    });
    return new Map(live);
  }

  /** Returns amounts and counts by person, day, category and currency. */
  dailySpend(): Map<string, { amountMinor: bigint; count: number }> {
    const totals = new Map<string, { amountMinor: bigint; count: number }>();
    for (const { userId, categoryId, currency, amountMinor, spentAt, kind } of this.expenses().values()) {
      if (kind === 'transfer') continue;
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
    return [...this.#periods].flatMap(([key, period]) =>
      period.openLevels().map((level) => `${key} ${level}`),
    );
  }

  /** Lists the levels reached by the final sums in every period that has begun, to check the steps. */
  reachedLevels(): string[] {
    const begun = this.#rules.flatMap((rule) => this.#periodsOf(rule).map((start) => ({ rule, start })));
    return begun
      .filter(({ rule, start }) => this.hasBegun(rule, start))
      .flatMap(({ rule, start }) =>
        rule.levels
          .filter((level) =>
            isLevelReached(level, this.#spent(rule, start), this.#rollover.budget(rule, start)),
          )
          .map((level) => `${rule.id} ${start} ${level}`),
      );
  }

  /** What was left of the period before, as `rule start left`. */
  lefts(): string[] {
    return this.#rollover.lefts();
  }

  /** Evaluates a batch: applies the events one by one, then decides. What is carried over is known at its end. */
  evaluate(batch: readonly ModelEvent[]): void {
    const before = this.#events.length;
    const accepted = batch.flatMap((event) => this.#accept(event));
    this.#carry();
    this.#events.length = before;
    const touched = new Set<string>();
    for (const events of accepted) {
      const ids = events.map(({ expenseId }) => expenseId);
      const old = this.expenses();
      // Both come before anybody looks at the sums.
      this.#events.push(...events);
      const changed = this.expenses();
      const now = ids.flatMap((id) => this.#touchedBy(old.get(id), changed.get(id)));
      this.#cross((key) => now.includes(key));
      for (const key of now) touched.add(key);
    }
    this.#cross(() => true);
    this.#decide('decide', (key) => !touched.has(key));
  }

  /** Takes an event, with the deletion of what it replaces, unless it is known or refused. */
  #accept(event: ModelEvent): ModelEvent[][] {
    if (this.#known.has(event.id)) return [];
    this.#known.add(event.id);
    const deletion = toDeletion(event);
    if (deletion && this.#isOfAnother(event, deletion)) {
      this.refused.push(event.id);
      return [];
    }
    this.#noteUnrated(event);
    const events = [event, ...(deletion ? [deletion] : [])];
    this.#events.push(...events);
    return [events];
  }

  /** Stores rates and evaluates every period again. */
  price(rates: readonly ModelRate[]): void {
    this.#rates.put(rates);
    this.#carry();
    this.#cross(() => true);
    this.#decide('decide');
  }

  /** Moves the time on: periods begin and are evaluated, and cooldowns end. */
  advance(now: Temporal.Instant): void {
    this.#now = now;
    this.#carry();
    for (const rule of this.#rules)
      for (const start of this.#periodsOf(rule))
        if (this.#phase(rule, start) === 'current') this.#crossPeriod(rule, start);
    this.#decide('decide');
    this.#decide('endCooldowns');
  }

  /** People hear the alerts of all levels that are open. */
  hear(): void {
    for (const period of this.#periods.values()) period.hear(this.#now.epochMilliseconds);
  }

  /** The expense that would go belongs to somebody else at present. */
  #isOfAnother(event: ModelEvent, deletion: ModelEvent): boolean {
    const received = this.#events.filter(({ expenseId }) => expenseId === deletion.expenseId);
    const winner = findWinner(received.map(toOrdered));
    const owner = winner?.expense?.userId ?? event.expense?.userId;
    return owner !== event.expense?.userId && !!winner && compareEvents(toOrdered(deletion), winner) >= 0;
  }

  #noteUnrated(event: ModelEvent): void {
    const { expenseId, expense } = event;
    const others = this.#events.filter((other) => other.expenseId === expenseId);
    if (!expense || others.some((other) => compareEvents(toOrdered(other), toOrdered(event)) > 0)) return;
    for (const rule of this.#rules)
      if (
        isWatched(rule, expense) &&
        modelPeriodOf(rule.period, dayIn(this.#zoneOf(rule.userId), expense.spentAt)) &&
        this.#amount(rule, expense) === null
      )
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
    return [...new Set(days.flatMap((day) => modelPeriodOf(rule.period, day)?.start ?? []))].sort();
  }

  #spent(rule: ModelRule, start: string): bigint {
    let sum = 0n;
    for (const expense of this.expenses().values()) {
      if (!isWatched(rule, expense)) continue;
      const day = dayIn(this.#zoneOf(rule.userId), expense.spentAt);
      if (modelPeriodOf(rule.period, day)?.start === start) sum += this.#amount(rule, expense) ?? 0n;
    }
    return sum;
  }

  /** Late expenses alert for 72 hours after the end of a period, or 12 for a daily one. */
  #phase(rule: ModelRule, start: string): 'future' | 'current' | 'grace' | 'closed' {
    const today = this.#today(rule);
    const period = modelPeriodOf(rule.period, start);
    if (!period) throw new Error(`no period begins on ${start}`);
    const { end } = period;
    if (today < start) return 'future';
    if (today < end) return 'current';
    const closes = beginningOf(end, this.#zoneOf(rule.userId)) + graceOf(period) * hour;
    return this.#now.epochMilliseconds < closes ? 'grace' : 'closed';
  }

  #period(rule: ModelRule, start: string): ModelPeriod {
    const key = `${rule.id} ${start}`;
    const period = this.#periods.get(key) ?? new ModelPeriod(rule, start);
    this.#periods.set(key, period);
    return period;
  }

  #carry(): void {
    for (const rule of this.#rules) this.#rollover.carry(rule);
  }

  /** `rule start` of the periods in which a change of an expense moves the sum, or would if there were a rate. */
  #touchedBy(before: ModelExpense | undefined, after: ModelExpense | undefined): string[] {
    const keys = new Set<string>();
    if (before === after) return [];
    for (const rule of this.#rules)
      for (const expense of [before, after]) {
        if (!expense || !isWatched(rule, expense)) continue;
        const day = dayIn(this.#zoneOf(rule.userId), expense.spentAt);
        const period = modelPeriodOf(rule.period, day);
        if (period) keys.add(`${rule.id} ${period.start}`);
      }
    return [...keys];
  }

  /**
   * Every period that has begun, and may have another sum since the last look. One whose budget changed too is looked at
   * with each of its own expenses, and at the end.
   */
  #cross(isLookedAt: (key: string) => boolean): void {
    for (const rule of this.#rules)
      for (const start of this.#periodsOf(rule))
        if (this.hasBegun(rule, start) && (!rule.rollover || isLookedAt(`${rule.id} ${start}`)))
          this.#crossPeriod(rule, start);
  }

  #crossPeriod(rule: ModelRule, start: string): void {
    const isOver = rule.rollover !== undefined && this.#phase(rule, start) !== 'current';
    this.#period(rule, start).cross(this.#spent(rule, start), this.#rollover.budget(rule, start), isOver);
  }

  #decide(which: 'decide' | 'endCooldowns', isEdit = (_key: string): boolean => false): void {
    for (const [key, period] of this.#periods) {
      const { rule, start } = period;
      const isClosed = this.#phase(rule, start) === 'closed';
      const now = this.#now.epochMilliseconds;
      const at = { now, isClosed, spentMinor: this.#spent(rule, start), isEdit: isEdit(key) };
      this.decisions.push(...period[which](at));
    }
  }
}

/** An event that replaces an expense is its deletion too. */
const toDeletion = ({ replaces, ...event }: ModelEvent): ModelEvent | null =>
  replaces ? { ...event, id: `${event.id} deletes`, expenseId: replaces, expense: null } : null;

const toOrdered = ({ time, isUpdate, sequence, expense }: ModelEvent) => ({
  time,
  type: expense ? (isUpdate ? ('updated' as const) : ('created' as const)) : ('deleted' as const),
  sequence: sequence ?? null,
  expense,
});
