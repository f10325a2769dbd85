/** The expenses of hand-made people, in short: charges at a merchant on given days, and irregular shopping. */
import type { Purchase } from '../shopper.ts';

/** `on`: days, in a list or with spaces between. `amount`: of every charge, or one for each with spaces between. */
type Charges = { at: string; category: string; on: string | readonly string[]; amount: string };

export function charges({ at, category, on, amount }: Charges): Purchase[] {
  const days = typeof on === 'string' ? on.split(' ') : on;
  const amounts = amount.split(' ');
  return days.map((day, index) => ({
    on: day,
    merchant: at,
    category,
    amount: amounts[amounts.length === 1 ? 0 : index] ?? '0.00',
  }));
}

/**
 * `counts`: purchases in each month, the last of them in the month `until`, else in this one. `from` and `to`: the least and
 * the largest amount. `at`: merchants that take turns by chance; without any the purchases have none.
 */
type Shopping = {
  category: string;
  at: readonly string[];
  counts: readonly number[];
  until?: string;
  from: number;
  to: number;
};

export const today = '2027-01-15';
const lastMonth = today.slice(0, 'YYYY-MM'.length);
/** Every month has these days. */
const daysShopped = 28;

/**
 * Purchases on days and of amounts by chance, the same in each run. Another `until` moves them by months. None is after
 * today.
 */
export function shopping({ category, at, counts, until = lastMonth, from, to }: Shopping): Purchase[] {
  const random = chance(category + at.join(''));
  const last = Temporal.PlainYearMonth.from(until);
  return counts.flatMap((count, index) => {
    const month = last.subtract({ months: counts.length - 1 - index });
    const days = month.toString() === lastMonth ? Temporal.PlainDate.from(today).day : daysShopped;
    return Array.from({ length: count }, () => ({
      on: month.toPlainDate({ day: 1 + Math.floor(random() * days) }).toString(),
      ...(at.length > 0 && { merchant: at[Math.floor(random() * at.length)] }),
      category,
      amount: (from + random() * (to - from)).toFixed(2),
    }));
  });
}

/**
 * Food of a household for about 190.00 a month since October 2025. One shop sells all of it, as a few purchases a month
 * sometimes have even gaps by chance.
 */
export const groceries = (household: string): Purchase[] =>
  shopping({
    category: 'groceries',
    at: [`${household} Market`],
    counts: [8, 7, 9, 8, 8, 7, 8, 9, 8, 7, 8, 8, 9, 8, 8, 4],
    from: 12,
    to: 36,
  });

/** Numbers from 0 to 1 by a linear congruential generator (Numerical Recipes), begun with a text. */
function chance(text: string): () => number {
  let state = Array.from(text).reduce(
    (sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 2 ** 32,
    7,
  );
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
