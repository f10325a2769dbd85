/** Reads what a statement row spent, from its amounts, their signs and the columns that say their direction. */
import { isCurrency } from '../../values/money.ts';
import { type AmountText, readDigits, splitAmount } from './amount-text.ts';
import { type Direction, readDirection, saysRefund } from './bank-words.ts';
import { type Columns, type Field, valueOf } from './columns.ts';
import type { Reading } from './reading.ts';
import { LeftOut, Unusable } from './unusable.ts';

export type MoneyOptions = {
  columns: Columns;
  reading: Reading;
  /** Used for a row without a currency. */
  currency: string;
  /** Whether `currency` was said for this file, and is no mere default. */
  isCurrencySaid?: boolean;
  /** Whether amounts in other currencies are accepted. */
  foreign?: boolean;
};

/** In minor units; above zero: spent, below: refunded. */
export type Money = { amountMinor: bigint; currency: string };

/** Throws `Unusable` for a row without an amount that can be read, `LeftOut` for money that came in. */
export function readMoney(options: MoneyOptions, record: readonly string[]): Money {
  const { fields, currency } = chooseAmount(options, record);
  const read = (field: Field): Amount => amountIn(options, record, field, currency);
  const [only = 'amount'] = fields;
  const isSplit = only === 'debit' || only === 'credit';
  const spent = isSplit ? read('debit').minor - read('credit').minor : directed(options, record, read(only));
  const fee = only === 'original-amount' ? 0n : read('fee').minor;
  if (spent >= 0n || isRefund(options, record)) return { amountMinor: spent + fee, currency };
  if (fee <= 0n) throw new LeftOut('money that came in');
  return { amountMinor: fee, currency };
}

/** The name by which a refund finds its purchase: the merchant, or else the description. */
export const payeeName = (columns: Columns, record: readonly string[]): string =>
  (valueOf(columns, record, 'merchant') || valueOf(columns, record, 'description')).toLowerCase();

function isRefund({ columns, reading }: MoneyOptions, record: readonly string[]): boolean {
  if (reading.incoming !== 'paid') return reading.incoming === 'refunds';
  const texts = (['type', 'merchant', 'description'] as const).map((field) =>
    valueOf(columns, record, field),
  );
  return texts.some(saysRefund) || reading.paid.has(payeeName(columns, record));
}

type Chosen = { fields: readonly Field[]; currency: string };

/** The billed amount, or the original one where only that is in our currency. */
function chooseAmount(options: MoneyOptions, record: readonly string[]): Chosen {
  const { columns, currency, foreign = false } = options;
  const billed = amountColumns(options, record, ['amount', 'debit', 'credit'], 'currency');
  const original = amountColumns(options, record, ['original-amount'], 'original-currency');
  const ours = [billed, original].find((each) => each?.currency === currency);
  const chosen = ours ?? (foreign ? billed : null);
  if (!chosen)
    throw new Unusable(
      foreign && !columns.at.has('original-amount') ? 'no amount' : `no amount in ${currency}`,
    );
  if (!isCurrency(chosen.currency)) throw new Unusable('currency is not an ISO 4217 code, like USD');
  return chosen;
}

/** Null if the row has no such amount. */
function amountColumns(
  options: MoneyOptions,
  record: readonly string[],
  candidates: readonly Field[],
  code: Field,
): Chosen | null {
  const { columns, foreign = false } = options;
  const fields = candidates.filter((field) => valueOf(columns, record, field) !== '');
  const [first] = fields;
  if (first === undefined) return null;
  const named = valueOf(columns, record, code);
  const isNamed = columns.at.has(code) && (named !== '' || !foreign);
  return { fields, currency: isNamed ? named : unnamed(options, valueOf(columns, record, first)) };
}

/** The currency beside the amount, if it says exactly one, and none was said for the file. */
function unnamed({ currency, isCurrencySaid = false }: MoneyOptions, text: string): string {
  const [only, other] = splitAmount(text)?.currencies ?? [];
  return isCurrencySaid || only === undefined || other !== undefined ? currency : only;
}

type Amount = AmountText & { minor: bigint };

const nothing: Amount = { digits: '', sign: '', currencies: [], minor: 0n };

/** The amount with its sign; 0 if the cell is empty. */
function amountIn(
  { columns, reading }: MoneyOptions,
  record: readonly string[],
  field: Field,
  currency: string,
): Amount {
  const text = valueOf(columns, record, field);
  if (text === '') return nothing;
  const amount = splitAmount(text);
  if (!amount) throw new Unusable('unreadable amount: not written as a number');
  if (amount.currencies.length > 0 && !amount.currencies.includes(currency))
    throw new Unusable(`the amount names another currency than ${currency}`);
  const read = readDigits(amount.digits, currency, reading.decimal);
  if (!read.ok) throw new Unusable(`unreadable amount: ${read.message}`);
  const isBelow = (amount.sign === '-') !== reading.negated.has(field);
  return { ...amount, minor: isBelow ? -read.minor : read.minor };
}

/** The amount as spent above zero. */
function directed({ columns, reading }: MoneyOptions, record: readonly string[], amount: Amount): bigint {
  const { direction: rule } = reading;
  if (rule.by === 'words') {
    const size = amount.minor < 0n ? -amount.minor : amount.minor;
    return saidDirection(valueOf(columns, record, 'sign'), amount, rule.blank) === 'debit' ? size : -size;
  }
  if (rule.by === 'columns') return amount.minor;
  if (amount.sign === '+' && rule.plus === 'unclear')
    throw new Unusable('a plus where other amounts have no sign: name the column that says debit or credit');
  return rule.spent === 'negative' ? -amount.minor : amount.minor;
}

function saidDirection(word: string, amount: Amount, blank: Direction | null): Direction {
  const said = word === '' ? (amount.direction ?? blank) : readDirection(word);
  if (said) return said;
  throw new Unusable(
    word === '' ? 'no word for debit or credit' : `"${word}" is no word for debit or credit`,
  );
}
