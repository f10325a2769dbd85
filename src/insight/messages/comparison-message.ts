/**
 * Renders a comparison as one sentence: the figures and how they compare. It never praises low spending,
 * because praise reads as permission to spend more.
 */
import type { Comparison, OwnMean } from '../decide/comparison.ts';
import { amountIn, monthIn, numberIn } from '../../values/display.ts';
import { isolatedName } from '../../values/display-name.ts';
import { percentMore } from '../../values/figures.ts';

const numberWords = 'zero one two three four five six'.split(' ');

/**
 * `name` is the category's name. If the person is in the cohort, they are compared with its people, or else
 * with their own earlier months.
 */
export function insightOf(name: string, comparison: Comparison, locale: string): string {
  const { percentileRank, ownMean } = comparison;
  const comparedWith =
    percentileRank === null ? besideOwn(comparison, ownMean, locale) : besideOthers(comparison, locale);
  return `${isolatedName(name)}: ${spentIn(comparison, locale)}${comparedWith}.`;
}

function spentIn(comparison: Comparison, locale: string): string {
  const amount =
    comparison.spentMinor === 0n ? 'nothing spent' : money(comparison.spentMinor, comparison, locale);
  return `${amount} in ${monthIn(locale, Temporal.PlainDate.from(comparison.month))}`;
}

function besideOthers(comparison: Comparison, locale: string): string {
  const { benchmark, isOutlier, percentileRank, vsMeanPct } = comparison;
  if (typeof benchmark?.mean !== 'bigint') return '';
  const people = `the average of ${numberIn(locale, benchmark.cohortSize)} people`;
  const most = isOutlier === true && Number(percentileRank) > 50 ? '; most of them spent less' : '';
  return `${away(vsMeanPct, people, locale)} (${money(benchmark.mean, comparison, locale)})${most}`;
}

function besideOwn(comparison: Comparison, ownMean: OwnMean | null, locale: string): string {
  if (ownMean === null) return '; there is no earlier month of yours to compare it with yet';
  const { months, minor } = ownMean;
  const before = months === 1 ? 'the month before' : `the ${numberWords[months]} months before`;
  if (minor <= 0n) return `, after nothing in ${before}`;
  const own = months === 1 ? before : `your average of ${before}`;
  return `${away(percentMore(comparison.spentMinor, minor), own, locale)} (${money(minor, comparison, locale)})`;
}

/** Formats as `, 12 % below the average`. */
function away(pct: number | null, reference: string, locale: string): string {
  if (pct === null) return `; beside it ${reference}`;
  const whole = Math.round(Math.abs(pct));
  if (whole === 0) return `, about the same as ${reference}`;
  return `, ${numberIn(locale, whole)} % ${pct < 0 ? 'below' : 'above'} ${reference}`;
}

const money = (minor: bigint, { currency }: Comparison, locale: string): string =>
  `${amountIn(locale, minor, currency)} ${currency}`;
