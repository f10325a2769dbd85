/**
 * Renders a comparison as one sentence: the figures and how they compare. It never praises low spending,
 * because praise reads as permission to spend more.
 */
import { say } from '../../values/catalogue/catalogue.ts';
import type { Comparison, OwnMean } from '../decide/comparison.ts';
import { type InLocale, moneyIn, monthIn, numberIn, percentIn } from '../../values/display.ts';
import { isolatedName } from '../../values/display-name.ts';
import { percentMore } from '../../values/figures.ts';

/**
 * `name` is the category's name. If the person is in the cohort, they are compared with its people, or else
 * with their own earlier months.
 */
export function insightOf(name: string, comparison: Comparison, locale: string): string {
  const reader = { locale };
  const { percentileRank, ownMean } = comparison;
  const sentence =
    percentileRank === null ? besideOwn(comparison, ownMean, reader) : besideOthers(comparison, reader);
  return say(reader, 'text.labelled', {
    label: isolatedName(name),
    text: say(reader, 'list.sentence', { list: sentence }),
  });
}

function spentIn({ spentMinor, month, currency }: Comparison, reader: InLocale): string {
  const inMonth = monthIn(reader.locale, Temporal.PlainDate.from(month));
  if (spentMinor === 0n) return say(reader, 'comparison.nothing', { month: inMonth });
  return say(reader, 'comparison.spent', { amount: moneyIn(reader, spentMinor, currency), month: inMonth });
}

function besideOthers(comparison: Comparison, reader: InLocale): string {
  const { benchmark, isOutlier, percentileRank, vsMeanPct } = comparison;
  const spent = spentIn(comparison, reader);
  if (typeof benchmark?.mean !== 'bigint') return spent;
  const reference = say(reader, 'comparison.people', { count: benchmark.cohortSize });
  const amount = moneyIn(reader, benchmark.mean, comparison.currency);
  const sentence = away({ spent, reference, amount }, vsMeanPct, reader);
  return isOutlier === true && Number(percentileRank) > 50
    ? say(reader, 'comparison.most', { sentence })
    : sentence;
}

function besideOwn(comparison: Comparison, ownMean: OwnMean | null, reader: InLocale): string {
  const spent = spentIn(comparison, reader);
  if (ownMean === null) return say(reader, 'comparison.first', { spent });
  const { months, minor } = ownMean;
  if (minor <= 0n) return say(reader, 'comparison.afterNothing', { spent, months });
  const reference = say(reader, 'comparison.own', { months });
  const amount = moneyIn(reader, minor, comparison.currency);
  return away({ spent, reference, amount }, percentMore(comparison.spentMinor, minor), reader);
}

/** From here on a multiple says more than a percentage. */
const asMultipleFromPct = 300;

/** `reference`: what it is compared with, and `amount`: how much that is. */
type Compared = { spent: string; reference: string; amount: string };

/** `$412.30 in October 2026, 12% below the average of 1,240 people ($468.00)`. */
function away(given: Compared, pct: number | null, reader: InLocale): string {
  if (pct === null) return say(reader, 'comparison.beside', given);
  const whole = Math.round(Math.abs(pct));
  if (whole === 0) return say(reader, 'comparison.same', given);
  if (pct >= asMultipleFromPct)
    return say(reader, 'comparison.times', {
      ...given,
      times: numberIn(reader.locale, Math.round(pct / 100 + 1)),
    });
  const percent = percentIn(reader.locale, whole);
  return pct < 0
    ? say(reader, 'comparison.below', { ...given, percent })
    : say(reader, 'comparison.above', { ...given, percent });
}
