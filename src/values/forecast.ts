/** The forecast of what will be spent until the end of a period. Amounts are minor units of one currency. */

/**
 * `spentMinor`: the spending when it was made. `remainingMinor`: quantiles of what was still to come, from 0 to 100 % in
 * equal steps, ascending. `billsMinor`: the part of it that is due in the next days.
 */
export type Forecast = {
  spentMinor: bigint;
  remainingMinor: readonly bigint[];
  billsMinor: bigint;
};

/** From this probability on a forecast level opens. */
export const likely = 0.8;
/** Below this probability an open forecast level resolves, and a budget will probably hold. */
export const unlikely = 0.5;

/**
 * The probability that a period ends at `targetMinor` or above, from 0 to 1. `spentMinor` is the spending now. Spending since
 * the forecast first pays the bills that were due; the rest was not expected and comes on top.
 */
export function probabilityOfReaching(
  forecast: Forecast,
  { spentMinor, targetMinor }: { spentMinor: bigint; targetMinor: bigint },
): number {
  const since = spentMinor - forecast.spentMinor;
  const paid = since <= 0n ? 0n : since < forecast.billsMinor ? since : forecast.billsMinor;
  return 1 - shareBelow(forecast.remainingMinor, targetMinor - spentMinor + paid);
}

/** The amount below which the period ends with this probability: 0.1, 0.5 and 0.9 are shown. At least the spending now. */
export function endAt(forecast: Forecast, probability: number, spentMinor: bigint): bigint {
  const { remainingMinor } = forecast;
  const place = Math.round(probability * (remainingMinor.length - 1));
  const end = forecast.spentMinor + (remainingMinor[place] ?? 0n);
  return end > spentMinor ? end : spentMinor;
}

/** The range that is told, as facts keep it: less than its low end with 10 %, more than its high end with 10 %. */
export const rangeOf = (forecast: Forecast, spentMinor: bigint): { lowMinor: string; highMinor: string } => ({
  lowMinor: endAt(forecast, 0.1, spentMinor).toString(),
  highMinor: endAt(forecast, 0.9, spentMinor).toString(),
});

/** The share of the distribution that lies below the amount, between two quantiles in proportion. */
function shareBelow(quantiles: readonly bigint[], amount: bigint): number {
  const first = quantiles.findIndex((quantile) => quantile >= amount);
  if (first === 0 || quantiles.length === 0) return 0;
  if (first < 0) return 1;
  const [low, high] = [quantiles[first - 1] ?? 0n, quantiles[first] ?? 0n];
  return (first - 1 + Number(amount - low) / Number(high - low)) / (quantiles.length - 1);
}
