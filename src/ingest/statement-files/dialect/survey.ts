/**
 * Reads a statement once from beginning to end, to find how its dates, amounts and signs are written. Where two
 * readings are left, it asks. Nothing is guessed.
 */
import { AmountSurvey } from './amount-survey.ts';
import { readState } from '../bank-words.ts';
import { candidatesFor, type Columns, type Field, valueOf } from '../columns.ts';
import { createFormatReader } from '../date-format.ts';
import { describeOrder } from '../date-shapes.ts';
import { DateSurvey } from './date-survey.ts';
import { findDirection } from './find-direction.ts';
import type { StatementOptions } from '../options.ts';
import { readInOrders } from '../read-date.ts';
import { payeeName } from '../read-money.ts';
import { createRowReader, type RowOptions } from '../read-row.ts';
import { plainReading, type Reading } from '../reading.ts';
import { SignWords } from './sign-words.ts';
import { readRows, type Statement } from '../statement.ts';

export type Survey = {
  /** Those of the statement, without columns that are not what their names say. */
  columns: Columns;
  reading: Reading;
  /** Why the file cannot be read in one way alone, each with the option that decides it. */
  questions: string[];
};

/** `currency`: of rows that name none. */
export async function surveyStatement(statement: Statement, currency: string): Promise<Survey> {
  const evidence = await gather(statement, currency);
  const { columns, reading, questions } = judge(statement, evidence);
  if (questions.length > 0 || reading.incoming !== 'paid') return { columns, reading, questions };
  const paid = await findPaid(statement, { columns, reading, currency, timeZone: 'UTC', foreign: true });
  return { columns, reading: { ...reading, paid }, questions };
}

const amountFields = ['amount', 'debit', 'credit', 'fee', 'original-amount'] as const;

type Evidence = {
  dates: DateSurvey;
  amounts: AmountSurvey;
  signs: SignWords[];
  states: StateWords[];
};

async function gather(statement: Statement, currency: string): Promise<Evidence> {
  const { columns, options } = statement;
  const evidence = {
    dates: new DateSurvey(),
    amounts: new AmountSurvey(),
    signs: signCandidates(columns, options).map((index) => new SignWords(index)),
    states: candidatesFor(columns.header, options.map, 'state').map((index) => new StateWords(index)),
  };
  for await (const { record, line } of readRows(statement)) {
    evidence.dates.add(valueOf(columns, record, 'date'), line);
    for (const field of amountFields) {
      const text = valueOf(columns, record, field);
      const code = field === 'original-amount' ? 'original-currency' : 'currency';
      if (text !== '') evidence.amounts.add(field, text, valueOf(columns, record, code) || currency, line);
    }
    for (const words of evidence.signs) words.add(record, valueOf(columns, record, 'amount'));
    for (const words of evidence.states) words.add(record);
  }
  return evidence;
}

/** Some banks write `CR` into a last column without a name. */
function signCandidates({ header }: Columns, { map }: StatementOptions): number[] {
  const candidates = candidatesFor(header, map, 'sign');
  const unnamed = header.flatMap((name, index) => (name.trim() === '' ? [index] : []));
  return map.sign === undefined ? [...candidates, ...unnamed] : candidates;
}

/** Whether a column says the state of payments. Many columns called `status` or `info` do not. */
class StateWords {
  readonly index: number;
  isKnown = false;

  constructor(index: number) {
    this.index = index;
  }

  add(record: readonly string[]): void {
    this.isKnown ||= readState(record[this.index] ?? '') !== undefined;
  }
}

function judge({ columns, options }: Statement, evidence: Evidence): Survey {
  const { dates, amounts, signs, states } = evidence;
  const { orders, questions } = dates.result();
  const decimal = amounts.decimal();
  const state = options.map.state === undefined ? states.find(({ isKnown }) => isKnown) : states[0];
  const direction = findDirection({ columns, options, amounts, signs });
  const at = new Map(columns.at);
  setColumn(at, 'state', state?.index);
  setColumn(at, 'sign', direction.column);
  const format = options.dateFormat;
  return {
    columns: { header: columns.header, at },
    reading: {
      ...plainReading,
      readDate: format === undefined ? readInOrders(orders) : createFormatReader(format),
      dates:
        format === undefined ? [...orders].map(([shape, order]) => describeOrder(shape, order)) : [format],
      decimal: { sign: options.decimal ?? decimal.sign, strict: options.decimal !== undefined },
      direction: direction.rule,
      incoming: options.incoming ?? (isRefundsAlone(direction.rule) ? 'refunds' : 'paid'),
      negated: new Set((['debit', 'credit', 'fee'] as const).filter((field) => isNegated(amounts, field))),
    },
    questions: [
      ...(format === undefined ? questions : []),
      ...(options.decimal === undefined && decimal.question !== null ? [decimal.question] : []),
      ...direction.questions,
    ],
  };
}

function setColumn(at: Map<Field, number>, field: Field, index: number | undefined): void {
  if (index === undefined) at.delete(field);
  else at.set(field, index);
}

/** In a file of what was spent, an amount below zero is a refund. In one of an account it may be income. */
const isRefundsAlone = (rule: Reading['direction']): boolean =>
  rule.by === 'sign' && rule.spent === 'positive';

function isNegated(amounts: AmountSurvey, field: Field): boolean {
  const { minus, plus, none } = amounts.signs(field);
  return minus > 0 && plus + none === 0;
}

/** The names that were paid in the file. Money from one of them is a refund. */
async function findPaid(
  statement: Statement,
  options: RowOptions & { reading: Reading },
): Promise<Set<string>> {
  const reading: Reading = { ...options.reading, incoming: 'ignore' };
  const readRow = createRowReader({ ...options, reading, given: { user: '-', category: '-' } });
  const paid = new Set<string>();
  for await (const { record } of readRows(statement)) {
    const read = readRow(record);
    if (read.ok && read.row.amountMinor > 0n) paid.add(payeeName(options.columns, record));
  }
  paid.delete('');
  return paid;
}
