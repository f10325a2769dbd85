/** A share of a budget as people say it: in percent, or as a multiple where a percentage means nothing any more. */
import { say } from '../../values/catalogue/catalogue.ts';
import { numberIn, type Reader } from '../../values/display.ts';

const asMultipleFrom = 1000n;
const mostTimes = 1000n;

/** `12` from 1,200 % on, `more than 1,000` beyond that. Null for a share that is best said in percent. */
export function timesIn(reader: Reader, percent: bigint): string | null {
  if (percent < asMultipleFrom) return null;
  const times = percent / 100n;
  if (times <= mostTimes) return numberIn(reader.locale, times);
  return say(reader, 'figure.moreThan', { number: numberIn(reader.locale, mostTimes) });
}
