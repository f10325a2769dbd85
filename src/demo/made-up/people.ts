/** The demo's people: their names and time zones, their spending habits and their budgets. */
import { formatAmount } from '../../values/money.ts';
import { type Bill, ownBills, usualBillCents, usualBills } from './bills.ts';
import { categories, type Category } from './categories.ts';
import { type Incident, incidents, type OneOff, oneOffs } from './incidents.ts';
import { Random } from './random.ts';
import type { PlannedRule } from '../replay.ts';

export const demoCurrency = 'USD';
export const demoTimeZone = 'America/Los_Angeles';

/** `grown`: it is so many times as frequent in the last months before the live one, and in it. */
export type Habit = {
  category: Category;
  timesAMonth: number;
  cents: readonly [from: number, to: number];
  grown: number;
};

export type Person = {
  userId: string;
  name: string;
  timeZone: string;
  habits: readonly Habit[];
  bills: readonly Bill[];
  incidents: readonly Incident[];
  oneOffs: readonly OneOff[];
  digest: { daily: boolean; weekly: boolean };
};

/** One surname for all, so that nobody takes them for real people. */
const firstNames =
  'Ada Ben Cora Dan Ella Finn Gina Hugo Iris Jack Kate Leo Mia Ned Olga Paul Quinn Rosa Sam Tess Uma Vic Wanda Xenia Yara Zoe Amy Bob Clara Dora Emil Fay Gus Hana Ivan June'.split(
    ' ',
  );
const peopleCount = 36;
/** No zone is west of the tenant's. So when the live month starts for the tenant, it has started for everybody. */
const timeZones = [demoTimeZone, 'America/Denver', 'America/Chicago', 'America/New_York', 'America/New_York'];
const everyoneHas = 3;

/** This person eats out twice as often as before. */
const growing = { person: 10, categoryId: 'dining', times: 2.2 } as const;

/** The others have switched digests off, so that alerts stand out in the demo's output. */
const wantDaily = [10, 11, 16, 33];
const wantWeekly = [7, 22];

export const makePeople = (seed: string): Person[] =>
  Array.from({ length: peopleCount }, (_, index) => makePerson(seed, index + 1));

function makePerson(seed: string, number: number): Person {
  const label = String(number).padStart(2, '0');
  const random = new Random(`${seed} person ${label}`);
  const own = incidents.filter(({ person }) => person === number);
  const taken = new Set(own.map(({ categoryId }) => categoryId));
  const others = categories.slice(everyoneHas).filter(({ id }) => !taken.has(id));
  const chosen = [...categories.slice(0, everyoneHas), ...random.some(others, random.integer(1, 3))];
  const scale = random.between(0.6, 1.7);
  return {
    userId: `p${label}`,
    name: `${firstNames[number - 1] ?? label} Sample`,
    timeZone: random.pick(timeZones),
    digest: { daily: wantDaily.includes(number), weekly: wantWeekly.includes(number) },
    habits: chosen.map((category) =>
      makeHabit(category, scale, { random, grown: grownOf(number, category) }),
    ),
    bills: [...usualBills(new Random(`${seed} bills ${label}`), taken), ...(ownBills[number] ?? [])],
    incidents: own,
    oneOffs: oneOffs.filter(({ person }) => person === number),
  };
}

const grownOf = (person: number, { id }: Category): number =>
  person === growing.person && id === growing.categoryId ? growing.times : 1;

function makeHabit(
  category: Category,
  scale: number,
  { random, grown }: { random: Random; grown: number },
): Habit {
  const [from, to] = category.cents;
  return {
    category,
    timesAMonth: category.timesAMonth * random.between(0.7, 1.3),
    cents: [from * scale, to * scale],
    grown,
  };
}

/** Factors from a person's usual spending to a budget, from generous to much too small. */
const fits: readonly [from: number, to: number][] = [
  [1.25, 1.5],
  [1.1, 1.3],
  [1, 1.12],
  [0.85, 1],
  [0.6, 0.75],
];

/** This person's budget runs from payday to payday. */
const paidOnLastWeekday = 'p04';
const payday = { rrule: 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', start: '2020-01-31' };

/** These people have one more budget: of a group, of all but one category, and one that carries over. */
const moreBudgets: Record<
  string,
  { watched: (id: string) => boolean; body: Omit<PlannedRule['body'], 'budgetAmount'> }
> = {
  p05: {
    watched: (id) => ['dining', 'groceries'].includes(id),
    body: { name: 'Food', categoryIds: ['dining', 'groceries'] },
  },
  p06: {
    watched: (id) => id !== 'groceries',
    body: { name: 'All but groceries', excludeCategories: ['groceries'] },
  },
  p08: {
    watched: (id) => id === 'dining',
    body: { name: 'Eating out', categoryId: 'dining', rollover: 'unspent' },
  },
};

/** A rule for all spending, one for each of one or two habits, for some a weekly one, and one for each incident. */
export function rulesOf(person: Person, seed: string): PlannedRule[] {
  const random = new Random(`${seed} rules ${person.userId}`);
  const budget = (cents: number): string => roundBudget(cents * random.between(...random.pick(fits)));
  const { userId, habits, bills } = person;
  const onPurpose = person.incidents.reduce((sum, { purchases }) => sum + spentOn(purchases), 0);
  const due = bills.reduce((sum, bill) => sum + usualBillCents(bill), onPurpose);
  const total = habits.reduce((sum, habit) => sum + usualCents(habit), due);
  const watched = random.some(habits, random.integer(1, 2));
  const isWeekly = random.chance(0.2);
  const isPaid = userId === paidOnLastWeekday;
  return [
    {
      userId,
      body: { name: 'All spending', budgetAmount: budget(total), ...(isPaid ? { period: payday } : {}) },
    },
    ...watched.map((habit) => ({ userId, body: habitRule(habit, budget(usualCents(habit))) })),
    ...(isWeekly ? [{ userId, body: weeklyRule(habits, budget) }] : []),
    ...otherRules(userId, habits, budget),
    ...person.incidents.map((incident) => ({ userId, body: incidentRule(incident) })),
  ];
}

const habitRule = ({ category }: Habit, budgetAmount: string): PlannedRule['body'] => ({
  name: category.label,
  categoryId: category.id,
  budgetAmount,
});

function weeklyRule(habits: readonly Habit[], budget: (cents: number) => string): PlannedRule['body'] {
  const cents = habits.reduce((sum, habit) => sum + usualCents(habit), 0);
  return { name: 'Week', period: 'weekly', budgetAmount: budget((cents * 7) / 30) };
}

function otherRules(
  userId: string,
  habits: readonly Habit[],
  budget: (cents: number) => string,
): PlannedRule[] {
  const more = moreBudgets[userId];
  if (!more) return [];
  const watched = habits.filter(({ category }) => more.watched(category.id));
  const cents = watched.reduce((sum, habit) => sum + usualCents(habit), 0);
  return [{ userId, body: { ...more.body, budgetAmount: budget(cents) } }];
}

const incidentRule = (incident: Incident): PlannedRule['body'] => ({
  name: incident.ruleName,
  categoryId: incident.categoryId,
  budgetAmount: formatAmount(BigInt(incident.budgetCents), demoCurrency),
  ...(incident.notifyOnRecovery ? { notifyOnRecovery: true } : {}),
});

const usualCents = ({ timesAMonth, cents: [from, to] }: Habit): number => (timesAMonth * (from + to)) / 2;

const spentOn = (purchases: Incident['purchases']): number =>
  purchases.reduce((sum, { cents }) => sum + cents, 0);

/** Rounds to tens, as people do. */
const roundBudget = (cents: number): string =>
  formatAmount(BigInt(Math.max(1, Math.round(cents / 1000)) * 1000), demoCurrency);
