/** What amounts are multiplied by inside a statement, where they are too many to be converted outside. */
import { sql as statement } from 'kysely';
import type { Factor } from '../../values/fx.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { readRates } from '../../alerts/spending/read-rates.ts';

/** Money spent in a currency on a local day. */
type CurrencyDay = { currency: string; day: string };

export type DayFactor = CurrencyDay & Factor;

/** Towards `to`; a currency and day that no rate holds for has none. */
export async function readFactors(
  sql: Sql,
  tenantId: string,
  to: string,
  asked: readonly CurrencyDay[],
): Promise<DayFactor[]> {
  const rates = await readRates(
    sql,
    asked.map(({ currency, day }) => ({ tenantId, day, from: currency, to })),
  );
  return asked.flatMap(({ currency, day }) => {
    const factor = rates(tenantId).factor(currency, day, to);
    return factor ? [{ currency, day, ...factor }] : [];
  });
}

/** As a table of `currency`, `day`, `numerator` and `denominator`, to be given an alias. */
export const factorTable = (factors: readonly DayFactor[]) => statement`unnest(
  ${factors.map(({ currency }) => currency)}::text[],
  ${factors.map(({ day }) => day)}::date[],
  ${factors.map(({ numerator }) => numerator.toString())}::numeric[],
  ${factors.map(({ denominator }) => denominator.toString())}::numeric[]
)`;

/** Whether what was converted is counted: where it fits into 64 bits, as `Rates` does. */
export const fits = (minor: ReturnType<typeof statement>) =>
  statement`${minor} between -9223372036854775808 and 9223372036854775807`;

/** An expense's `e.amount_minor` by the factor `f` of its day: rounded half away from zero, as `Rates` does. */
export const converted = statement`
  sign(e.amount_minor::numeric) * div(2 * abs(e.amount_minor) * f.numerator + f.denominator, 2 * f.denominator)`;
