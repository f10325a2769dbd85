/** Says the range that a budget's period will probably end in. */
import { say } from '../../values/catalogue/catalogue.ts';
import { type Reader, roundMoneyIn } from '../../values/display.ts';

/** `$410 to $530`, or one amount where both ends are the same. Rounded outwards. Amounts are minor units. */
export function rangeIn(
  { lowMinor, highMinor, currency }: { lowMinor: string; highMinor: string; currency: string },
  reader: Reader,
): string {
  const low = roundMoneyIn(reader, BigInt(lowMinor), currency);
  const high = roundMoneyIn(reader, BigInt(highMinor), currency, 'up');
  return lowMinor === highMinor || low === high ? low : say(reader, 'forecast.range', { low, high });
}
