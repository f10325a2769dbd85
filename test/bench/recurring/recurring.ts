/**
 * Quality and speed of recurring charges. Judged on made people and, where they are there, on half of the people of the
 * published statements. Other seeds and the other half of the people served to choose the constants of the search.
 */
import { findStreams, firstChargeDay } from '../../../src/insight/decide/recurring.ts';
import { compareCodePoints } from '../../../src/values/code-points.ts';
import { cpuFigures } from '../cpu.ts';
import type { BenchResult } from '../result.ts';
import { shortestRound } from '../rounds.ts';
import { judgeMade, judgeStatement, Tally } from './judge.ts';
import { makePerson, type MadePerson } from './made-streams.ts';
import { isKnown, readStatements } from './statements.ts';

/** Seeds below were used to choose the constants. */
const firstSeed = 50_000;
const madePeople = 25;
const today = '2025-10-31';
const rounds = 5;

/** A figure below its limit fails the run. */
const limits: Readonly<Record<string, number>> = {
  'next charge': 0.95,
  'statements, fixed price': 0.8,
  'price changes that were told are real': 0.9,
};

export async function benchRecurring(): Promise<BenchResult> {
  const people = Array.from({ length: madePeople }, (_, index) => makePerson(firstSeed + index));
  const tally = new Tally();
  const chance = numbers(firstSeed);
  for (const person of people) judgeMade(person, tally, chance);
  judgeStatements(tally, chance);
  const figures = await speed(people);
  for (const [name, { right, all }] of [...tally.counts].toSorted(([one], [other]) =>
    compareCodePoints(one, other),
  )) {
    figures[name] = { value: (100 * right) / all, unit: `% of ${all}` };
    const limit = limits[name];
    if (limit !== undefined && right / all < limit)
      throw new Error(`${name}: ${right} of ${all}, less than ${limit}`);
  }
  return { name: 'recurring', figures, ratios: ratiosOf(tally) };
}

function ratiosOf({ counts }: Tally): BenchResult['ratios'] {
  const share = (name: string) => {
    const { right, all } = counts.get(name) ?? { right: 0, all: 0 };
    return right / all;
  };
  const made = {
    'next charge / same day of the next month': ['next charge', 'next charge, same day of the next month'],
  };
  const read = {
    'statements / same amount three times': [
      'statements, fixed price',
      'statements, same amount three times',
    ],
    'statements / by chance': ['statements, fixed price', 'statements, by chance'],
  };
  const all: Record<string, string[]> = counts.has('statements, fixed price') ? { ...made, ...read } : made;
  return Object.fromEntries(
    Object.entries(all).map(([name, [one = '', other = '']]) => [name, share(one) / share(other)]),
  );
}

function judgeStatements(tally: Tally, chance: () => number): void {
  const statements = readStatements();
  if (!statements) return;
  for (const [person, charges] of statements)
    if (isJudged(person)) judgeStatement(charges, isKnown, tally, chance);
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

async function speed(people: readonly MadePerson[]): Promise<BenchResult['figures']> {
  const first = firstChargeDay(today);
  const read = people.map(({ charges }) => charges.filter(({ day }) => first <= day && day <= today));
  const { ms, cpu } = await shortestRound({
    rounds,
    pids: { 'this process': process.pid },
    work: () => read.forEach((charges) => findStreams(charges, today)),
  });
  const charges = read.reduce((sum, { length }) => sum + length, 0);
  return {
    'charges of a person': { value: charges / people.length, unit: 'charges' },
    'time for a person': { value: ms / people.length, unit: 'ms' },
    ...cpuFigures('a person', { cpu, count: people.length }),
  };
}
