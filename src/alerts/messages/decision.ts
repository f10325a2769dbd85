/** Says in sentences what a decision was about, and why it was or was not told. */
import { say } from '../../values/catalogue/catalogue.ts';
import { dayIn, moneyIn, percentIn, timeIn } from '../../values/display.ts';
import { isolatedName } from '../../values/display-name.ts';
import type { RecordedDecision } from '../decide/recorded-decision.ts';

export type ExplainedDecision = Omit<RecordedDecision, 'number' | 'at' | 'expenseId'>;

/** That its level was reached, fell or ended: `Groceries reached 80% of its budget of $400.00, with $321.00 spent.` */
export const levelSentence = (decision: ExplainedDecision): string =>
  say(decision, 'why.level', {
    outcome: decision.outcome,
    basis: decision.basis,
    name: isolatedName(decision.ruleName),
    level: decision.level === null ? '' : percentIn(decision.locale, decision.level),
    budget: moneyIn(decision, decision.budgetMinor, decision.currency),
    spent: moneyIn(decision, decision.spentMinor, decision.currency),
  });

/** The reason alone: `It is in the app alone, because the budget will probably hold.` */
export const reasonSentence = (decision: ExplainedDecision): string =>
  say(decision, 'why.decided', {
    outcome: decision.outcome,
    with: withOf(decision),
    at: decision.until === null ? '' : timeIn(decision.locale, decision.until, decision.timeZone),
    start: dayIn(decision.locale, Temporal.PlainDate.from(decision.periodStart)),
  });

function withOf({ until, notificationId }: ExplainedDecision): string {
  if (until !== null) return 'time';
  return notificationId === null ? 'nothing' : 'message';
}

/** Both sentences. */
export const whyDecided = (decision: ExplainedDecision): string =>
  say(decision, 'text.sentences', { first: levelSentence(decision), second: reasonSentence(decision) });
