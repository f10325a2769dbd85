/**
 * Quality of anomalies, on half of the people of the published statements; the other half served to choose the constants.
 * Copies of charges and charges of several times their amount are injected, one at a time. The run fails below the floors.
 */
import { findAnomalies } from '../../../src/insight/decide/anomalies/find-anomalies.ts';
import {
  type KnownAnomaly,
  reconcileAnomalies,
} from '../../../src/insight/decide/anomalies/reconcile-anomalies.ts';
import { firstJudgedDay } from '../../../src/insight/decide/anomalies/find-anomalies.ts';
import {
  type Charge,
  findStreams,
  firstChargeDay,
  type Stream,
} from '../../../src/insight/decide/recurring.ts';
import { dayNumber, dayText } from '../../../src/insight/decide/recurring-schedule.ts';
import { anomalyTypes } from '../../../src/values/anomaly.ts';
import { readStatements } from '../recurring/statements.ts';
import type { BenchResult } from '../result.ts';
import { compareScores, factors, firstJudged, monthsOf } from './scores.ts';

/** Shares caught at least, and alerts a person and month at most. */
const floors = { duplicates: 0.5, 'times 3': 0.14, 'times 5': 0.21, 'times 10': 0.31 } as const;
const ceilings = { duplicate_charge: 0.07, unusual_amount: 0.1 } as const;
const equalNuisance = 0.1;
const injectedShare = 0.04;
const nobody: ReadonlySet<Stream> = new Set();

export async function benchAnomalies(): Promise<BenchResult> {
  const statements = readStatements();
  const result: BenchResult = { name: 'anomalies', figures: {}, ratios: {} };
  if (!statements) return result;
  const people = [...statements].filter(([person]) => isJudged(person)).map(([, charges]) => charges);
  const judged = people.filter((charges) => monthsOf(charges) > 0);
  const months = judged.reduce((sum, charges) => sum + monthsOf(charges), 0);
  result.figures['people'] = { value: judged.length, unit: 'people' };
  result.figures['months'] = { value: months, unit: 'months of a person' };
  const counts = new Map<string, number>();
  const caught = new Map<string, { right: number; all: number }>();
  const chance = numbers(1);
  for (const charges of judged) {
    countFound(charges, counts);
    inject(charges, caught, chance);
  }
  for (const type of anomalyTypes)
    result.figures[type] = { value: (1000 * (counts.get(type) ?? 0)) / months, unit: 'in 1,000 months' };
  for (const [name, { right, all }] of caught)
    result.figures[`${name}, caught`] = { value: (100 * right) / all, unit: `% of ${all}` };
  const compared = compareScores(judged, equalNuisance, chance);
  for (const [name, shares] of compared)
    shares.forEach((share, index) => {
      result.figures[`${name}, times ${factors[index]} at ${equalNuisance}`] = {
        value: 100 * share,
        unit: '%',
      };
    });
  const [ours = [], mean = []] = [...compared.values()];
  factors.forEach((factor, index) => {
    result.ratios[`times ${factor}: ours / mean`] = (ours[index] ?? 0) / (mean[index] ?? 1);
  });
  check(counts, caught, months);
  return result;
}

/** Each month end is a rebuild, and the rows of the months before are known. */
function countFound(charges: readonly Charge[], counts: Map<string, number>): void {
  const known: KnownAnomaly[] = [];
  const last = dayNumber(charges.at(-1)?.day ?? '');
  for (let day = firstJudged(charges) + step; day <= last; day += step) {
    const today = dayText(day);
    const { found, from } = foundOn(charges, today);
    const fresh = found.filter((each) => each.day > dayText(day - step));
    for (const each of reconcileAnomalies(fresh, known, { from, today, choices: null }).insert) {
      counts.set(each.type, (counts.get(each.type) ?? 0) + 1);
      known.push({ ...each, id: each.subject, isOpen: true, verdict: null, decidedOn: null });
    }
  }
}

const step = 30;

function foundOn(charges: readonly Charge[], today: string) {
  const read = window(charges, today);
  const streams = findStreams(read, today);
  return {
    found: findAnomalies({ charges: read, streams, ignored: nobody, today }),
    from: firstJudgedDay(today),
  };
}

const window = (charges: readonly Charge[], today: string): Charge[] =>
  charges.filter(({ day }) => firstChargeDay(today) <= day && day <= today);

/** Without the streams of that day: one that is found takes the charge out. */
function inject(
  charges: readonly Charge[],
  caught: Map<string, { right: number; all: number }>,
  chance: () => number,
): void {
  const first = dayText(firstJudged(charges));
  for (const charge of charges) {
    if (charge.amountMinor <= 0n || charge.day < first || chance() >= injectedShare) continue;
    const others = charges.filter((each) => each.day <= charge.day && each !== charge);
    const next = dayText(dayNumber(charge.day) + 1);
    const copy = { ...charge, expenseId: 'copy', day: next };
    const isFound = (type: string, all: Charge[], today: string, id: string) =>
      foundOn(all, today).found.some((each) => each.type === type && each.expenseId === id);
    if (charge.amountMinor >= leastCopied)
      count(caught, 'duplicates', isFound('duplicate_charge', [...others, charge, copy], next, 'copy'));
    for (const factor of factors) {
      const raised = { ...charge, amountMinor: charge.amountMinor * BigInt(factor) };
      const isCaught = isFound('unusual_amount', [...others, raised], charge.day, charge.expenseId);
      count(caught, `times ${factor}`, isCaught);
    }
  }
}

/** Smaller double charges are not told. */
const leastCopied = 1000n;

function count(caught: Map<string, { right: number; all: number }>, name: string, isRight: boolean): void {
  const tally = caught.get(name) ?? { right: 0, all: 0 };
  tally.all++;
  if (isRight) tally.right++;
  caught.set(name, tally);
}

function check(
  counts: ReadonlyMap<string, number>,
  caught: ReadonlyMap<string, { right: number; all: number }>,
  months: number,
): void {
  for (const [name, floor] of Object.entries(floors)) {
    const { right, all } = caught.get(name) ?? { right: 0, all: 1 };
    if (right / all < floor) throw new Error(`${name}: ${right} of ${all} caught, less than ${floor}`);
  }
  for (const [type, most] of Object.entries(ceilings)) {
    const rate = (counts.get(type) ?? 0) / months;
    if (rate > most) throw new Error(`${type}: ${rate} a person and month, more than ${most}`);
  }
}

/** True for half of the people. */
const isJudged = (person: string): boolean =>
  person.split('').reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 2 ** 32, 7) % 2 === 1;

/** A linear congruential generator is good enough for picking. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
