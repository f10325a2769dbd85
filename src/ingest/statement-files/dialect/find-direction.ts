/** Finds what says in a file whether money was spent or came in. */
import type { AmountSurvey, SignCounts } from './amount-survey.ts';
import type { Columns } from '../columns.ts';
import type { StatementOptions } from '../options.ts';
import type { DirectionRule } from '../reading.ts';
import type { SignWords } from './sign-words.ts';

export type FoundDirection = {
  rule: DirectionRule;
  /** The index of the column that says it, if one does. */
  column?: number;
  questions: string[];
};

type Evidence = {
  columns: Columns;
  options: StatementOptions;
  amounts: AmountSurvey;
  /** The columns that may say it. */
  signs: readonly SignWords[];
};

export function findDirection({ columns, options, amounts, signs }: Evidence): FoundDirection {
  if (!columns.at.has('amount')) return { rule: { by: 'columns' }, questions: [] };
  const [named] = options.map.sign === undefined ? [] : signs;
  const column = named ?? signs.find(({ areKnown, agrees }) => areKnown && agrees);
  if (column && (named || column.allows(options.spent))) return byWords(column);
  const counts = amounts.signs('amount');
  const { debit, credit } = counts;
  if (debit + credit > 0) {
    const blank = debit > 0 === credit > 0 ? null : debit > 0 ? 'credit' : 'debit';
    return { rule: { by: 'words', blank }, questions: [] };
  }
  return bySign(options, counts);
}

function byWords({ index, agrees, blank }: SignWords): FoundDirection {
  const questions = agrees
    ? []
    : [
        'the column that says debit or credit and the signs of the amounts contradict each other. Leave it out and say the sign that spent money has: --map sign=- --spent negative or positive',
      ];
  return { rule: { by: 'words', blank }, column: index, questions };
}

function bySign({ spent, incoming }: StatementOptions, counts: SignCounts): FoundDirection {
  const { minus, plus, none } = counts;
  const all = minus + plus + none;
  const rule: DirectionRule = {
    by: 'sign',
    spent: spent ?? 'positive',
    plus: plus > 0 && none > 0 && minus === 0 ? 'unclear' : 'same',
  };
  const questions: string[] = [];
  if (spent === undefined && incoming === undefined && minus > 0 && minus * 2 >= all)
    questions.push(
      `${minus} of ${all} amounts are below zero. Say --spent negative if that is money spent, or --spent positive if it is refunds`,
    );
  if (spent === 'negative' && incoming === undefined && minus * 2 < all)
    questions.push(
      `with --spent negative, ${all - minus} of ${all} amounts came in. Say --spent positive if they were spent; or else --incoming refunds if they are refunds, --incoming ignore if not`,
    );
  return { rule, questions };
}
