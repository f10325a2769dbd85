/** One alert or recovery in words: the phrases that every channel puts together in its own way. */
import { amountIn, numberIn, type Reader } from '../../values/display.ts';
import { isolatedName } from '../../values/display-name.ts';
import { isOver, periodName, remaining } from './period-name.ts';
import type { AlertFacts } from '../decide/alert-facts.ts';
import { percentOfBudget } from '../../values/figures.ts';

/** `Groceries`, or `Groceries, October 2026` where that is over. */
export function subjectOf(facts: AlertFacts, reader: Reader): string {
  const name = isolatedName(facts.ruleName);
  return isOver(facts, reader) ? `${name}, ${periodName(facts, reader)}` : name;
}

export const titleOf = (facts: AlertFacts, reader: Reader): string =>
  facts.type === 'recovery'
    ? recoveryOf(facts, reader)
    : `${subjectOf(facts, reader)}: ${percentOf(facts, reader)} of the ${facts.periodKind} budget`;

/** `Groceries: 412.30 of 400.00 USD, nine days to go.` */
export const sentenceOf = (facts: AlertFacts, reader: Reader): string =>
  `${facts.type === 'recovery' ? recoveryOf(facts, reader) : subjectOf(facts, reader)}: ${figuresOf(facts, reader)}.`;

export function recoveryOf(facts: AlertFacts, reader: Reader): string {
  const comma = isOver(facts, reader) ? ',' : '';
  return `${subjectOf(facts, reader)}${comma} is back below ${levelOf(facts, reader)}`;
}

/** `412.30 of 400.00 USD, nine days to go`. */
export function figuresOf(facts: AlertFacts, reader: Reader): string {
  const amounts = `${spentOf(facts, reader)} of ${budgetOf(facts, reader)}`;
  if (isOver(facts, reader)) return amounts;
  const left = remaining(facts, reader);
  return left === null ? `${amounts} today` : `${amounts}, ${left}`;
}

/** Among others: `Groceries 103 %`, `Groceries (October 2026) 103 %`. */
export function gistOf(facts: AlertFacts, reader: Reader): string {
  const name = isolatedName(facts.ruleName);
  const subject = isOver(facts, reader) ? `${name} (${periodName(facts, reader)})` : name;
  return facts.type === 'recovery'
    ? `${subject} back below ${levelOf(facts, reader)}`
    : `${subject} ${percentOf(facts, reader)}`;
}

export const spentOf = ({ spentMinor, currency }: AlertFacts, { locale }: Reader): string =>
  amountIn(locale, BigInt(spentMinor), currency);

export const budgetOf = ({ budgetMinor, currency }: AlertFacts, { locale }: Reader): string =>
  `${amountIn(locale, BigInt(budgetMinor), currency)} ${currency}`;

/** What is left of the budget, or goes beyond it. */
export function balanceOf({ spentMinor, budgetMinor, currency }: AlertFacts, { locale }: Reader): string {
  const left = BigInt(budgetMinor) - BigInt(spentMinor);
  if (left === 0n) return 'nothing left';
  const amount = `${amountIn(locale, left < 0n ? -left : left, currency)} ${currency}`;
  return left < 0n ? `${amount} over` : `${amount} left`;
}

export const percentOf = ({ spentMinor, budgetMinor }: AlertFacts, { locale }: Reader): string =>
  `${numberIn(locale, percentOfBudget(BigInt(spentMinor), BigInt(budgetMinor)))} %`;

export const levelOf = ({ level }: AlertFacts, { locale }: Reader): string => `${numberIn(locale, level)} %`;

/** Why it came past quiet hours. The other severities show in the figures. */
export const markOf = ({ type, severity }: AlertFacts): string | null =>
  type === 'budget_alert' && severity === 'critical' ? 'Marked critical' : null;
