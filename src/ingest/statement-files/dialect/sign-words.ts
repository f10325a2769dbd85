/** Counts what a column says about the direction of amounts, and whether that agrees with their signs. */
import { splitAmount } from '../amount-text.ts';
import { type Direction, readDirection } from '../bank-words.ts';
import type { SpentSign } from '../options.ts';

type Counts = { minus: number; others: number };

export class SignWords {
  readonly index: number;
  readonly #counts: Record<Direction, Counts> = {
    debit: { minus: 0, others: 0 },
    credit: { minus: 0, others: 0 },
  };
  #unknown = 0;

  constructor(index: number) {
    this.index = index;
  }

  /** `amount`: the text of the row's amount. Rows without one say nothing. */
  add(record: readonly string[], amount: string): void {
    const word = (record[this.index] ?? '').trim();
    if (word === '' || amount === '') return;
    const direction = readDirection(word);
    if (direction === undefined) this.#unknown += 1;
    else if (/[1-9]/.test(amount))
      this.#counts[direction][splitAmount(amount)?.sign === '-' ? 'minus' : 'others'] += 1;
  }

  /** Whether every word of the column is one for debit or credit. */
  get areKnown(): boolean {
    return this.#unknown === 0 && (this.#has('debit') || this.#has('credit'));
  }

  /** Whether amounts of one direction have one sign. Else the sign says more than the word. */
  get agrees(): boolean {
    const { debit, credit } = this.#counts;
    return [debit, credit].every(({ minus, others }) => minus === 0 || others === 0);
  }

  /** Whether the amounts that the column calls spent have the sign that was said. */
  allows(spent: SpentSign | undefined): boolean {
    const { minus, others } = this.#counts.debit;
    return spent === undefined || (spent === 'negative' ? others === 0 : minus === 0);
  }

  /** The direction of rows without a word: the other one, if there are words for one alone. */
  get blank(): Direction | null {
    if (this.#has('debit') === this.#has('credit')) return null;
    return this.#has('debit') ? 'credit' : 'debit';
  }

  #has(direction: Direction): boolean {
    const { minus, others } = this.#counts[direction];
    return minus + others > 0;
  }
}
