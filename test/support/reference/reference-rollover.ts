/** What the periods of rules carry over, as the reference model sees it. It shares no code with `src`. */
import { modelPeriodOf } from './reference-periods.ts';
import type { ModelRule } from './reference-levels.ts';

type World = {
  today: (rule: ModelRule) => string;
  isClosed: (rule: ModelRule, start: string) => boolean;
  spent: (rule: ModelRule, start: string) => bigint;
};

export class ReferenceRollover {
  readonly #world: World;
  /** The first period of each rule. */
  readonly #first = new Map<string, string>();
  /** By `rule start`: what was left of the period before. */
  readonly #left = new Map<string, bigint>();

  constructor(world: World) {
    this.#world = world;
  }

  begin(rule: ModelRule): void {
    const first = modelPeriodOf(rule.period, this.#world.today(rule));
    if (first) this.#first.set(rule.id, first.start);
  }

  /** Goes through all periods since the first. Once one is closed, what is left of it does not change any more. */
  carry(rule: ModelRule): void {
    if (!rule.rollover) return;
    const today = this.#world.today(rule);
    let before = this.#first.get(rule.id);
    while (before !== undefined) {
      const start = modelPeriodOf(rule.period, before)?.end;
      if (start === undefined || start > today) return;
      const key = `${rule.id} ${start}`;
      if (!this.#left.has(key) || !this.#world.isClosed(rule, before))
        this.#left.set(key, this.budget(rule, before) - this.#world.spent(rule, before));
      before = start;
    }
  }

  /** As `rule start left`. */
  lefts(): string[] {
    return [...this.#left].map(([key, left]) => `${key} ${left}`);
  }

  budget({ id, budgetMinor, rollover }: ModelRule, start: string): bigint {
    const left = this.#left.get(`${id} ${start}`);
    if (!rollover || left === undefined) return budgetMinor;
    if (left >= 0n) return budgetMinor + left;
    if (rollover === 'unspent') return budgetMinor;
    return budgetMinor + left < 0n ? 0n : budgetMinor + left;
  }
}
