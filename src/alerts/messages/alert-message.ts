/** Builds the phrases of an alert or a recovery. Each channel combines them in its own way. */
import { type Reader, amountIn, numberIn } from '../../values/display.ts';
import { isolatedName } from '../../values/display-name.ts';
import { percentOfBudget } from '../../values/figures.ts';
import type { AlertFacts } from '../decide/alert-facts.ts';
import { isOver, periodName, remaining } from './period-name.ts';

export type AlertPhrases = {
  /** `Groceries: 103 % of the monthly budget`. */
  title: string;
  /** `Groceries: 412.30 of 400.00 USD, nine days to go.` */
  sentence: string;
  /** `Groceries`, or `Groceries, October 2026` if the period is over. */
  subject: string;
  /** `Groceries is back below 100 %`. Null if this is no recovery. */
  recovery: string | null;
  /** `412.30 of 400.00 USD, nine days to go`. */
  figures: string;
  /** For lists of several alerts: `Groceries 103 %`, `Groceries (October 2026) 103 %`. */
  gist: string;
  spent: string;
  budget: string;
  /** `12.30 USD left` or `12.30 USD over`. */
  balance: string;
  percent: string;
  level: string;
  /** Marks a critical alert, which may ignore quiet hours. The figures show the other severities. */
  mark: string | null;
  /** Null unless the period is over. */
  periodName: string | null;
  /** `nine days to go`. Null for a daily period or one that is over. */
  remaining: string | null;
};

/** Throws `RangeError` if `currency` is not a currency. */
export function alertPhrases(facts: AlertFacts, reader: Reader): AlertPhrases {
  const { type, severity, periodKind } = facts;
  const amounts = amountsOf(facts, reader);
  const { spent, budget, percent, level } = amounts;
  const name = isolatedName(facts.ruleName);
  const over = isOver(facts, reader) ? periodName(facts, reader) : null;
  const left = remaining(facts, reader);
  const subject = over === null ? name : `${name}, ${over}`;
  const figures = `${spent} of ${budget}${over === null ? daysLeft(left) : ''}`;
  const recovery =
    type === 'recovery' ? `${subject}${over === null ? '' : ','} is back below ${level}` : null;
  return {
    ...amounts,
    title: recovery ?? `${subject}: ${percent} of the ${periodKind} budget`,
    sentence: `${recovery ?? subject}: ${figures}.`,
    subject,
    recovery,
    figures,
    gist: `${over === null ? name : `${name} (${over})`} ${recovery === null ? percent : `back below ${level}`}`,
    mark: type === 'budget_alert' && severity === 'critical' ? 'Marked critical' : null,
    periodName: over,
    remaining: left,
  };
}

const daysLeft = (left: string | null): string => (left === null ? ' today' : `, ${left}`);

type Amounts = Pick<AlertPhrases, 'spent' | 'budget' | 'balance' | 'percent' | 'level'>;

function amountsOf(facts: AlertFacts, { locale }: Reader): Amounts {
  const { currency } = facts;
  const [spentMinor, budgetMinor] = [BigInt(facts.spentMinor), BigInt(facts.budgetMinor)];
  return {
    spent: amountIn(locale, spentMinor, currency),
    budget: `${amountIn(locale, budgetMinor, currency)} ${currency}`,
    balance: balanceOf(budgetMinor - spentMinor, currency, locale),
    percent: `${numberIn(locale, percentOfBudget(spentMinor, budgetMinor))} %`,
    level: `${numberIn(locale, facts.level)} %`,
  };
}

function balanceOf(leftMinor: bigint, currency: string, locale: string): string {
  if (leftMinor === 0n) return 'nothing left';
  const amount = `${amountIn(locale, leftMinor < 0n ? -leftMinor : leftMinor, currency)} ${currency}`;
  return leftMinor < 0n ? `${amount} over` : `${amount} left`;
}
