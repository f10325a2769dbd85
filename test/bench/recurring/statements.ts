/** The published statements as charges by person, where they are there. They are read in place and never copied. */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { Charge } from '../../../src/insight/decide/recurring.ts';
import { dayNumber } from '../../../src/insight/decide/recurring-schedule.ts';
import { parseAmount } from '../../../src/values/money.ts';

const file = '../shared/data/birmingham-purchase-cards-2019-2021.csv.gz';

/** The statements end in December 2021, and those of January 2020 have no merchants. */
const lastDay = dayNumber('2021-12-31');
const gap = { firstDay: dayNumber('2020-01-01'), lastDay: dayNumber('2020-02-03') } as const;

/** Whether the statements have the charges from `days` before the day to as many after it. */
export function isKnown(day: string, days: number): boolean {
  const [from, to] = [dayNumber(day) - days, dayNumber(day) + days];
  return to <= lastDay && (to < gap.firstDay || gap.lastDay < from);
}

type Row = Record<string, string>;

/** By person. Null without the file. Rows without an amount are left out, and those without a merchant unless asked for. */
export function readStatements({ withUnnamed = false } = {}): Map<string, Charge[]> | null {
  if (!existsSync(file)) {
    process.stderr.write(`${file} is not here: only made streams are judged\n`);
    return null;
  }
  const rows: Row[] = parse(gunzipSync(readFileSync(file)), { columns: true });
  const charges = rows.flatMap((row, index) => toCharge(row, index));
  const kept = charges.filter(({ charge }) => withUnnamed || charge.merchant !== null);
  return new Map(
    [...Map.groupBy(kept, ({ person }) => person)].map(([person, own]) => [
      person,
      own.map(({ charge }) => charge).toSorted((one, other) => (one.day < other.day ? -1 : 1)),
    ]),
  );
}

function toCharge(row: Row, index: number): { person: string; charge: Charge }[] {
  const { transaction_date: day = '', card_last4: card = '', directorate = '', merchant = '' } = row;
  // Some months have no billed amount.
  const text = row['billed_amount'] || (row['original_currency'] === 'GBP' ? row['original_amount'] : '');
  const amount = parseAmount(Number(text).toFixed(2), 'GBP');
  if (!amount.ok || amount.minor === 0n || day === '') return [];
  const charge = {
    expenseId: `row-${index}`,
    categoryId: row['category'] ?? '',
    merchant: merchant || null,
    merchantRef: null,
    day,
    amountMinor: amount.minor,
    currency: 'GBP',
  };
  return [{ person: `${card} ${directorate}`, charge }];
}
