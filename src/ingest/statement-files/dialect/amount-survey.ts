/** Finds how a file writes its amounts: the decimal sign, and which signs each column has. */
import { isCurrency, minorDigits } from '../../../values/money.ts';
import { type AmountText, decimalsOf, splitAmount } from '../amount-text.ts';
import type { Decimal } from '../options.ts';

/** How many amounts other than zero have each sign, and how many say debit or credit by letters. */
export type SignCounts = { minus: number; plus: number; none: number; debit: number; credit: number };

const noSigns: SignCounts = { minus: 0, plus: 0, none: 0, debit: 0, credit: 0 };

export class AmountSurvey {
  #points = 0;
  #commas = 0;
  #unclear: { text: string; line: number } | null = null;
  readonly #signs = new Map<string, SignCounts>();

  /** `currency`: of the row, if it is known. */
  add(column: string, text: string, currency: string, line: number): void {
    const amount = splitAmount(text);
    if (!amount) return;
    if (/[1-9]/.test(amount.digits)) this.#count(column, amount);
    const can = decimalsOf(amount.digits);
    if (can === '.') this.#points += 1;
    if (can === ',') this.#commas += 1;
    const [said = currency] = amount.currencies;
    if (can === 'both' && (!isCurrency(said) || minorDigits(said) > 0)) this.#unclear ??= { text, line };
  }

  #count(column: string, { sign, direction }: AmountText): void {
    const counts = { ...this.signs(column) };
    counts[sign === '-' ? 'minus' : sign === '+' ? 'plus' : 'none'] += 1;
    if (direction) counts[direction] += 1;
    this.#signs.set(column, counts);
  }

  signs = (column: string): SignCounts => this.#signs.get(column) ?? noSigns;

  /** Null, and a question where one is needed, if the file does not say it. */
  decimal(): { sign: Decimal | null; question: string | null } {
    if (this.#points > 0 && this.#commas === 0) return { sign: '.', question: null };
    if (this.#commas > 0 && this.#points === 0) return { sign: ',', question: null };
    return { sign: null, question: this.#unclear && question(this.#unclear) };
  }
}

const question = ({ text, line }: { text: string; line: number }): string =>
  `the amount "${text}" (line ${line}) has decimals or thousands behind its sign, and no other amount says which. Say the decimal sign: --decimal . or --decimal ,`;
