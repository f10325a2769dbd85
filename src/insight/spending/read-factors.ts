/**
 * Exchange factors as a table, for statements that convert too many amounts to do it outside the database.
 */
import { sql as statement } from 'kysely';
import type { Factor } from '../../values/fx.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { readRates } from '../../alerts/spending/read-rates.ts';

/** A currency and a local day on which money was spent in it. */
type CurrencyDay = { currency: string; day: string };

export type DayFactor = CurrencyDay & Factor;

/** Factors into the currency `to`. A currency and day without a valid rate is left out. */
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

/** A table of `currency`, `day`, `numerator` and `denominator`. The caller gives it an alias. */
export const factorTable = (factors: readonly DayFactor[]) => statement`unnest(
  ${factors.map(({ currency }) => currency)}::text[],
  ${factors.map(({ day }) => day)}::date[],
  ${factors.map(({ numerator }) => numerator.toString())}::numeric[],
  ${factors.map(({ denominator }) => denominator.toString())}::numeric[]
)`;

/** Converted amounts count only if they fit into 64 bits, as in `Rates`. */
export const fits = (minor: ReturnType<typeof statement>) =>
  statement`${minor} between -9223372036854775808 and 9223372036854775807`;

/**
 * The amount `e.amount_minor` times the factor `f` of its day. Halves are rounded away from zero, as in
 * `Rates`.
 */
export const converted = statement`
  sign(e.amount_minor::numeric) * div(2 * abs(e.amount_minor) * f.numerator + f.denominator, 2 * f.denominator)`;
