/**
 * Makes people with recurring charges of every kind among other purchases, from a seed. What was made is known, so what
 * is found can be judged.
 */
import type { Charge } from '../../../src/insight/decide/recurring.ts';
import type { Cadence } from '../../../src/insight/decide/recurring-schedule.ts';

/**
 * `charges` by day; of a price that changed, `steps` has the places of the first charges at a new price. `isVariable`:
 * its amounts follow a meter.
 */
export type MadeStream = {
  merchant: string;
  cadence: Cadence;
  isVariable: boolean;
  charges: Charge[];
  steps: number[];
};
export type MadePerson = { charges: Charge[]; streams: MadeStream[] };

const firstDay = Temporal.PlainDate.from('2021-01-01');
const lastDay = Temporal.PlainDate.from('2025-10-31');

/** Numbers of mulberry32, which is small and passes the usual tests of chance. */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed * 0x9e3779b1;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both bounds inclusive. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  within(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  is(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[Math.floor(this.next() * values.length)] ?? values[0];
  }
}

/** `due`: the due days in order. `amountAt`: minor units of charge number `index`. */
type Plan = {
  cadence: Cadence;
  due: Temporal.PlainDate[];
  amountAt: (index: number) => number;
  steps?: number[];
  isVariable?: boolean;
  shift?: 'none' | 'after' | 'before';
};

export function makePerson(seed: number): MadePerson {
  const chance = new Chance(seed);
  const streams = makeStreams(chance);
  const charges = [...streams.flatMap((stream) => stream.charges), ...makeNoise(chance)];
  return { charges: charges.toSorted((one, other) => (one.day < other.day ? -1 : 1)), streams };
}

function makeStreams(chance: Chance): MadeStream[] {
  const make = (merchant: string, plan: Plan) => toStream(chance, merchant, plan);
  const streams = [
    make(
      'Hill Street Lettings',
      priced(chance, 'monthly', chance.whole(25, 31), chance.whole(50_000, 120_000)),
    ),
    make('Streamflix', priced(chance, 'monthly', chance.whole(1, 31), chance.whole(599, 1899))),
    make('Tunebox', priced(chance, 'monthly', chance.whole(1, 31), chance.whole(499, 1299))),
    make('City Gym', priced(chance, 'monthly', chance.whole(1, 28), chance.whole(1500, 6000))),
    make('Severn Water', priced(chance, 'quarterly', chance.whole(1, 31), chance.whole(6000, 15_000))),
    make('Lion Insurance', yearly(chance)),
    make('Cloudmail', foreign(chance)),
    make('Northern Power', metered(chance)),
    make('Prepaid Mobile', everyDays(chance, 'monthly', chance.pick([28, 30]))),
  ];
  if (chance.is(0.5)) streams.push(make('Yoga Class', everyDays(chance, 'weekly', 7)));
  if (chance.is(0.4)) streams.push(make('Veg Box', everyDays(chance, 'fortnightly', 14)));
  if (chance.is(0.4)) {
    const day = chance.whole(1, 28);
    streams.push(make('Fruit Store', priced(chance, 'monthly', day, 99)));
    streams.push(make('Fruit Store', priced(chance, 'monthly', chance.is(0.5) ? day : 29 - day, 1099)));
  }
  return streams;
}

const monthsBetween: Partial<Record<Cadence, number>> = { monthly: 1, quarterly: 3, yearly: 12 };

function dueInMonths(chance: Chance, cadence: Cadence, dayOfMonth: number): Temporal.PlainDate[] {
  const months = monthsBetween[cadence] ?? 1;
  const start = firstDay.toPlainYearMonth().add({ months: chance.whole(0, months + 2) });
  const count = Math.floor(
    start.until(lastDay.toPlainYearMonth(), { largestUnit: 'months' }).months / months,
  );
  return Array.from({ length: count + 1 }, (_, index) =>
    start.add({ months: months * index }).toPlainDate({ day: dayOfMonth }),
  );
}

/** A fixed price that rises or, seldom, falls once. */
function priced(chance: Chance, cadence: Cadence, dayOfMonth: number, price: number): Plan {
  const due = dueInMonths(chance, cadence, dayOfMonth);
  const step = chance.is(0.4) ? chance.whole(2, Math.max(2, due.length - 3)) : Infinity;
  const after = Math.round(price * (chance.is(0.85) ? chance.within(1.04, 1.3) : chance.within(0.7, 0.95)));
  return {
    cadence,
    due,
    amountAt: (index) => (index < step ? price : after),
    steps: step === Infinity ? [] : [step],
    shift: chance.pick(['none', 'after', 'after', 'before']),
  };
}

function yearly(chance: Chance): Plan {
  const due = dueInMonths(chance, 'yearly', chance.whole(1, 31));
  const price = chance.whole(20_000, 90_000);
  const rise = chance.within(1, 1.09);
  return {
    cadence: 'yearly',
    due: due.map((day) => day.add({ days: chance.whole(-4, 4) })),
    amountAt: (index) => Math.round(price * rise ** index),
  };
}

/** Billed in another currency: each amount is converted at another rate. */
function foreign(chance: Chance): Plan {
  const price = chance.whole(800, 3000);
  return {
    cadence: 'monthly',
    due: dueInMonths(chance, 'monthly', chance.whole(1, 31)),
    amountAt: () => Math.round(price * chance.within(0.985, 1.015)),
  };
}

/** A bill by the meter: dearer in winter, on nearly the same day. */
function metered(chance: Chance): Plan {
  const due = dueInMonths(chance, 'monthly', chance.whole(3, 26));
  const mean = chance.whole(5000, 14_000);
  const season = (index: number) => Math.cos((((due[index]?.month ?? 1) - 1) / 6) * Math.PI);
  return {
    cadence: 'monthly',
    due: due.map((day) => day.add({ days: chance.whole(-1, 1) })),
    amountAt: (index) => Math.round(mean * (1 + 0.45 * season(index)) * chance.within(0.88, 1.12)),
    isVariable: true,
  };
}

function everyDays(chance: Chance, cadence: Cadence, length: number): Plan {
  const start = firstDay.add({ days: chance.whole(0, 60) });
  const count = Math.floor(start.until(lastDay, { largestUnit: 'days' }).days / length);
  const price = chance.whole(800, 2500);
  return {
    cadence,
    due: Array.from({ length: count }, (_, index) => start.add({ days: length * index })),
    amountAt: () => price,
  };
}

/** Some charges are missed, come twice or days late, and some streams stop. */
function toStream(chance: Chance, merchant: string, plan: Plan): MadeStream {
  const { cadence, due, amountAt, steps = [], isVariable = false, shift = 'none' } = plan;
  const isLong = cadence === 'quarterly' || cadence === 'yearly';
  const stopsAt = !isLong && chance.is(0.2) ? chance.whole(4, due.length) : due.length;
  const charges: Charge[] = [];
  const placeOf = new Map<number, number>();
  for (const [index, day] of due.slice(0, stopsAt).entries()) {
    if (!isLong && chance.is(0.02)) continue;
    placeOf.set(index, charges.length);
    const paid = shifted(day, shift).add({ days: chance.is(0.1) ? chance.whole(1, 2) : 0 });
    charges.push(makeCharge(merchant, paid, amountAt(index)));
  }
  const places = steps.flatMap((step) => firstPlace(placeOf, step, stopsAt) ?? []);
  return { merchant, cadence, isVariable, charges, steps: places };
}

function firstPlace(placeOf: ReadonlyMap<number, number>, step: number, end: number): number | null {
  for (let index = step; index < end; index++) {
    const place = placeOf.get(index);
    if (place !== undefined) return place;
  }
  return null;
}

/** Saturdays and Sundays are moved to the Monday after or the Friday before. */
function shifted(day: Temporal.PlainDate, shift: NonNullable<Plan['shift']>): Temporal.PlainDate {
  const beyondFriday = day.dayOfWeek - 5;
  if (shift === 'none' || beyondFriday <= 0) return day;
  return shift === 'before' ? day.subtract({ days: beyondFriday }) : day.add({ days: 3 - beyondFriday });
}

/** Purchases that do not recur: some often, some at one price, some about once a month or a week. */
function makeNoise(chance: Chance): Charge[] {
  const every = (merchant: string, gap: readonly [number, number], amount: () => number): Charge[] => {
    const charges: Charge[] = [];
    for (let day = firstDay.add({ days: chance.whole(0, 20) }); ;) {
      day = day.add({ days: chance.whole(...gap) });
      if (Temporal.PlainDate.compare(day, lastDay) > 0) return charges;
      charges.push(makeCharge(merchant, day, amount()));
    }
  };
  return [
    ...every('Corner Coffee', [1, 6], () => 350),
    ...every('Green Grocer', [1, 5], () => chance.whole(800, 9000)),
    ...every('Saturday Market', [5, 9], () => chance.whole(900, 4000)),
    ...every('Barber', [24, 45], () => 2200),
    ...every('Fuel Stop', [8, 22], () => chance.whole(3000, 6500)),
    ...every('Bookshop', [20, 120], () => chance.pick([899, 999, 1299, 1499])),
    ...every('Cinema', [10, 90], () => 1250),
    ...every('Big Store', [1, 12], () => chance.whole(499, 20_000)),
    ...every('Doctor', [60, 200], () => 4000),
  ];
}

let made = 0;

const makeCharge = (merchant: string, day: Temporal.PlainDate, amount: number): Charge => ({
  expenseId: `made-${made++}`,
  categoryId: 'other',
  merchant,
  merchantRef: null,
  day: day.toString(),
  amountMinor: BigInt(amount),
  currency: 'GBP',
});
