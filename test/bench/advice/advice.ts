/**
 * Quality of advice. Made people who spend steadily should get none. On the published statements, where nobody ever saw a
 * suggestion, rises should last, the confidence should be right, and nothing should seem saved. Half of the people served
 * to choose the constants; confidence is judged on the others.
 */
import type { BenchResult } from '../result.ts';
import { readStatements } from '../recurring/statements.ts';
import { type JudgedRise, type JudgedSuggestion, replay, type Replayed } from './replay.ts';
import { makeSteadyPerson } from './steady-people.ts';

const firstSeed = 70_000;
const steadyPeople = 60;
const steadySpan = { first: '2024-07', last: '2026-01', endDay: '2026-01-31', currency: 'GBP' } as const;
const steadyDays = 762;
const statementsSpan = { first: '2019-07', last: '2021-10', endDay: '2021-12-31', currency: 'GBP' } as const;

/** Fewer outcomes do not show whether a tenth is right. */
const fewestInTenth = 100;
/** The 97.5th percentile of the standard normal distribution. */
const z95 = 1.96;

/** The run fails beyond these. */
const limits = {
  lasting: 0.75,
  aPersonAndMonth: 0.3,
  steady: 0.05,
  open: 3,
  calibration: 0.05,
  falseClaims: 0.08,
} as const;

export async function benchAdvice(): Promise<BenchResult> {
  const figures: BenchResult['figures'] = {};
  const failures: string[] = [];
  const check = (name: string, isMet: boolean) => void (isMet || failures.push(name));
  judgeSteady(figures, check);
  const statements = readStatements({ withUnnamed: true });
  const ratios = statements ? judgeStatements(statements, figures, check) : {};
  if (failures.length > 0) throw new Error(`${failures.join(', ')}: ${JSON.stringify(figures)}`);
  return { name: 'advice', figures, ratios };
}

type Check = (name: string, isMet: boolean) => void;
type Statements = NonNullable<ReturnType<typeof readStatements>>;

function judgeSteady(figures: BenchResult['figures'], check: Check): void {
  const people = Array.from({ length: steadyPeople }, (_, index) =>
    replay(makeSteadyPerson(firstSeed + index, '2024-01-01', steadyDays), steadySpan),
  );
  const all = people.reduce((count, { categories }) => count + categories.size, 0);
  const suggested = people.reduce(
    (count, { suggestions }) => count + new Set(suggestions.map(({ categoryId }) => categoryId)).size,
    0,
  );
  figures['steady categories with a suggestion in 19 months'] = percent(suggested / all, all);
  check('steady spenders', suggested / all <= limits.steady);
  checkOpen(people, check);
}

function checkOpen(people: readonly Replayed[], check: Check): void {
  check('more than three open', Math.max(...people.map(({ mostOpen }) => mostOpen)) <= limits.open);
}

function judgeStatements(
  statements: Statements,
  figures: BenchResult['figures'],
  check: Check,
): BenchResult['ratios'] {
  const people = [...statements].map(([person, charges]) => ({
    isJudged: isJudged(person),
    ...replay(charges, statementsSpan),
  }));
  const suggestions = people.flatMap((each) => each.suggestions);
  judgeLasting(suggestions, figures, check);
  const others = people.filter((each) => each.isJudged);
  judgeLasting(
    others.flatMap((each) => each.suggestions),
    figures,
    check,
    ', other half',
  );
  const months = people.reduce((count, { personMonths }) => count + personMonths, 0);
  figures['suggestions in 100 months of a person'] = { value: (100 * suggestions.length) / months, unit: '' };
  check('too many suggestions', suggestions.length / months <= limits.aPersonAndMonth);
  checkOpen(people, check);
  judgePlacebo(suggestions, figures, check);
  const rises = others.flatMap((each) => each.rises);
  const worst = judgeTenths(rises, figures);
  check('confidence is not right', worst <= limits.calibration);
  const ratio = brier(rises) / baseBrier(rises);
  check('confidence is no better than one number', ratio < 1);
  return { 'Brier score / that of the base rate': ratio };
}

/** With the interval of Wilson 1927. */
function judgeLasting(
  suggestions: readonly JudgedSuggestion[],
  figures: BenchResult['figures'],
  check: Check,
  whose = '',
): void {
  const all = suggestions.length;
  const share = suggestions.filter(({ lasts }) => lasts).length / all;
  const centre = (share + z95 ** 2 / (2 * all)) / (1 + z95 ** 2 / all);
  const half =
    (z95 * Math.sqrt((share * (1 - share)) / all + z95 ** 2 / (4 * all ** 2))) / (1 + z95 ** 2 / all);
  figures[`rises that last${whose}`] = percent(share, all);
  figures[`rises that last${whose}, from`] = percent(centre - half, all);
  figures[`rises that last${whose}, to`] = percent(centre + half, all);
  check(`rises that last${whose}`, share >= limits.lasting);
}

function judgePlacebo(
  suggestions: readonly JudgedSuggestion[],
  figures: BenchResult['figures'],
  check: Check,
): void {
  const placebos = suggestions.flatMap(({ placebo }) => placebo ?? []);
  const values = placebos.map(({ deviations }) => deviations);
  const mean = average(values);
  const error = Math.sqrt(average(values.map((each) => (each - mean) ** 2)) / values.length);
  figures['placebo: saved, in deviations'] = { value: mean, unit: `± ${(z95 * error).toFixed(2)}` };
  const claims = (claimed: number) =>
    placebos.filter((each) => each.claimed === claimed).length / placebos.length;
  figures['placebo: a saving is claimed'] = percent(claims(1), placebos.length);
  figures['placebo: a loss is claimed'] = percent(claims(-1), placebos.length);
  check('placebo', Math.abs(mean) <= z95 * error);
  check('savings claimed of nobody', claims(1) <= limits.falseClaims);
}

function judgeTenths(rises: readonly JudgedRise[], figures: BenchResult['figures']): number {
  const tenths = Map.groupBy(rises, ({ confidence }) => Math.floor(10 * confidence));
  const judged = [...tenths]
    .filter(([, own]) => own.length >= fewestInTenth)
    .toSorted(([one], [other]) => one - other);
  return Math.max(
    ...judged.map(([tenth, own]) => {
      const said = average(own.map(({ confidence }) => confidence));
      const was = average(own.map(({ lasts }) => Number(lasts)));
      figures[`confidence from ${tenth * 10} %: was`] = percent(was, own.length);
      figures[`confidence from ${tenth * 10} %: said`] = percent(said, own.length);
      return Math.abs(said - was);
    }),
  );
}

const brier = (rises: readonly JudgedRise[]): number =>
  average(rises.map(({ confidence, lasts }) => (confidence - Number(lasts)) ** 2));

function baseBrier(rises: readonly JudgedRise[]): number {
  const rate = average(rises.map(({ lasts }) => Number(lasts)));
  return rate * (1 - rate);
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

const percent = (share: number, all: number) => ({ value: 100 * share, unit: `% of ${all}` });

/** True for half of the people. */
const isJudged = (person: string): boolean =>
  person.split('').reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 2 ** 32, 7) % 2 === 1;
