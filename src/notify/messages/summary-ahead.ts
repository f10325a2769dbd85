/** The sentences of a digest about what lies ahead: bills of the next days, budgets that will probably not do, and advice. */
import { recommendationMessage } from '../../insight/messages/recommendation-message.ts';
import type { AdviceFigures, AheadFigures } from '../../insight/decide/summary.ts';
import { say } from '../../values/catalogue/catalogue.ts';
import { rangeIn } from '../../alerts/messages/range.ts';
import { moneyIn, type Reader, roundMoneyIn, shortDayIn } from '../../values/display.ts';
import { isolatedName, shortened } from '../../values/display-name.ts';
import { listOf } from './list.ts';

const nameLength = 40;
const named = 5;

/** A sentence each; none if nothing lies ahead. `sayAside`: what to put aside is said now. */
export function aheadSentences(
  ahead: AheadFigures | undefined,
  { sayAside }: { sayAside: boolean },
  reader: Reader,
): string[] {
  if (!ahead) return [];
  return [
    ...ahead.budgets.map((budget) => budgetAhead(budget, reader)),
    ...(ahead.due.length > 0 ? [dueIn(ahead.due, reader)] : []),
    ...(sayAside ? ahead.setAside.map((each) => asideIn(each, reader)) : []),
  ];
}

const nameOf = (name: string): string => isolatedName(shortened(name, nameLength, '…'));

function budgetAhead(
  { name, lowMinor, highMinor, budgetMinor, currency }: AheadFigures['budgets'][number],
  reader: Reader,
): string {
  const range = rangeIn({ lowMinor, highMinor, currency }, reader);
  const budget = moneyIn(reader, BigInt(budgetMinor), currency);
  return say(reader, 'summary.budgetAhead', { name: nameOf(name), range, budget });
}

const dueIn = (due: AheadFigures['due'], reader: Reader): string =>
  say(reader, 'text.labelled', {
    label: say(reader, 'summary.due'),
    text: listOf(
      due.map(({ merchant, amountMinor, currency, day }) =>
        say(reader, 'summary.dueItem', {
          name: nameOf(merchant),
          amount: moneyIn(reader, BigInt(amountMinor), currency),
          day: shortDayIn(reader.locale, Temporal.PlainDate.from(day)),
        }),
      ),
      named,
      reader,
    ),
  });

/** What the recommendation says, in one sentence and its description. */
export function adviceSentences(advice: AdviceFigures | undefined, reader: Reader): string[] {
  if (!advice) return [];
  const facts = { ...advice, savingMinor: BigInt(advice.savingMinor) };
  const { title, description } = recommendationMessage(facts, reader.locale);
  return [say(reader, 'summary.advice', { title }), description];
}

const asideIn = ({ monthlyMinor, currency }: AheadFigures['setAside'][number], reader: Reader): string =>
  say(reader, 'summary.setAside', { amount: roundMoneyIn(reader, BigInt(monthlyMinor), currency) });
