/** Judges how well recurring charges are found, beside naive references, charge by charge as they come. */
import { merchantKey } from '../../../src/accounts/merchants/merchant-key.ts';
import {
  type Charge,
  findStreams,
  firstChargeDay,
  type Stream,
} from '../../../src/insight/decide/recurring.ts';
import { usualDays } from '../../../src/insight/decide/recurring-chain.ts';
import { type Cadence, dayNumber, dayText, termsOf } from '../../../src/insight/decide/recurring-schedule.ts';
import type { MadePerson, MadeStream } from './made-streams.ts';

/** Counts of what is judged and what is right, by name. */
export class Tally {
  readonly counts = new Map<string, { right: number; all: number }>();

  add(name: string, isRight: boolean): void {
    const count = this.counts.get(name) ?? { right: 0, all: 0 };
    count.all++;
    if (isRight) count.right++;
    this.counts.set(name, count);
  }
}

/** A prediction is right within so many days, and within so much of the amount. */
const nearDays: Readonly<Record<Cadence, number>> = {
  weekly: 2,
  fortnightly: 3,
  monthly: 6,
  quarterly: 6,
  yearly: 6,
};
const nearAmount = 0.12;
const nearPrice = 0.03;

type Expected = { day: string; amount: bigint };

const isNear = (expected: Expected, charge: Charge, days: number): boolean =>
  Math.abs(dayNumber(expected.day) - dayNumber(charge.day)) <= days &&
  isAbout(expected.amount, charge.amountMinor, nearAmount);

const isAbout = (expected: bigint, amount: bigint, share: number): boolean =>
  Math.abs(Number(amount) / Number(expected) - 1) <= share;

const dayBefore = (day: string): string => Temporal.PlainDate.from(day).subtract({ days: 1 }).toString();

/** The streams that would have been found on `today`. */
const streamsOn = (charges: readonly Charge[], today: string): Stream[] => {
  const first = firstChargeDay(today);
  return findStreams(
    charges.filter(({ day }) => first <= day && day <= today),
    today,
  );
};

/** Each charge of a stream is awaited on the day before, as soon as the stream has the fewest charges that make one. */
/** `chance` gives numbers from 0 to below 1. */
export function judgeMade({ charges, streams }: MadePerson, tally: Tally, chance: () => number): void {
  const byMerchant = Map.groupBy(charges, ({ merchant }) => merchant);
  for (const stream of streams) {
    judgeStream(stream, byMerchant.get(stream.merchant) ?? [], tally);
    judgeMadeByChance(stream, charges, tally, chance);
  }
  const today = charges.at(-1)?.day ?? '';
  const merchants = new Set(streams.map(({ merchant }) => merchant));
  for (const { merchant, state } of streamsOn(charges, today))
    if (state !== 'ended') tally.add('found streams that are streams', merchants.has(merchant));
}

function judgeStream(stream: MadeStream, known: readonly Charge[], tally: Tally): void {
  const { cadence, charges, isVariable } = stream;
  const { fixed, variable } = termsOf[cadence];
  for (const [place, charge] of charges.entries()) {
    if (place >= (isVariable ? variable : fixed)) judgeCharge(stream, charge, known, tally);
    judgePrice(stream, place, known, tally);
  }
}

function judgeCharge(
  { cadence, isVariable, charges }: MadeStream,
  charge: Charge,
  known: readonly Charge[],
  tally: Tally,
): void {
  const own = streamsOn(known, dayBefore(charge.day)).filter((each) => each.cadence === cadence);
  const days = nearDays[cadence];
  if (isVariable) {
    const isOnDay = own.some(({ nextDay }) => nextDay && isNearDay(nextDay, charge, days));
    return tally.add('variable bills, by their day', isOnDay);
  }
  const isHit = own.some(
    ({ nextDay, amountMinor }) => nextDay && isNear({ day: nextDay, amount: amountMinor }, charge, days),
  );
  tally.add(`next charge, ${cadence}`, isHit);
  tally.add('next charge', isHit);
  const last = charges[charges.indexOf(charge) - 1];
  tally.add(
    'next charge, same day of the next month',
    last !== undefined && isNear(nextMonth(last), charge, days),
  );
}

/** A day of the period that follows the last charge, and the amount of one of the person's charges. */
function judgeMadeByChance(
  { cadence, charges, isVariable }: MadeStream,
  all: readonly Charge[],
  tally: Tally,
  chance: () => number,
): void {
  if (isVariable) return;
  for (const [place, charge] of charges.entries()) {
    const last = charges[place - 1];
    if (!last || place < termsOf[cadence].fixed) continue;
    const day = dayText(dayNumber(last.day) + 1 + Math.floor(chance() * usualDays[cadence]));
    const amount = all[Math.floor(chance() * all.length)]?.amountMinor ?? 1n;
    tally.add('next charge, by chance', isNear({ day, amount }, charge, nearDays[cadence]));
  }
}

const isNearDay = (day: string, charge: Charge, days: number): boolean =>
  Math.abs(dayNumber(day) - dayNumber(charge.day)) <= days;

const nextMonth = ({ day, amountMinor }: Charge): Expected => ({
  day: Temporal.PlainDate.from(day).add({ months: 1 }).toString(),
  amount: amountMinor,
});

/** A change is told with the second charge at the new price. It is right if the price changed there. */
function judgePrice(stream: MadeStream, place: number, known: readonly Charge[], tally: Tally): void {
  const charge = stream.charges[place];
  if (!charge || stream.isVariable) return;
  const step = stream.steps.find((each) => each === place - 1);
  const told = streamsOn(known, charge.day).find(
    ({ lastDay, lastAmountMinor, priceChange }) =>
      lastDay === charge.day && lastAmountMinor === charge.amountMinor && priceChange?.charges === 2,
  );
  const yearly = stream.cadence === 'yearly';
  if (told && !yearly) tally.add('price changes that were told are real', step !== undefined);
  if (step !== undefined && step > 2 && isChange(stream, step))
    tally.add('price changes that are told', told !== undefined);
}

const isChange = ({ charges }: MadeStream, step: number): boolean => {
  const [before, after] = [charges[step - 1]?.amountMinor ?? 0n, charges[step]?.amountMinor ?? 0n];
  return Math.abs(Number(after) / Number(before) - 1) >= 0.035 && Math.abs(Number(after - before)) >= 50;
};

const seenCharges = 4;

/** Whether the statements have all charges from `days` before the day to as many after it. */
type IsKnown = (day: string, days: number) => boolean;

/** Charges of a person. Streams of one price with four charges: does the next one come? `chance` gives numbers from 0 to below 1. */
export function judgeStatement(
  charges: readonly Charge[],
  isKnown: IsKnown,
  tally: Tally,
  chance: () => number,
): void {
  for (const [key, own] of Map.groupBy(charges, ({ merchant }) => merchantKey(merchant ?? ''))) {
    if (key === '' || own.length <= seenCharges) continue;
    for (const today of new Set(own.map(({ day }) => day))) {
      judgeNaive(own, today, isKnown, tally);
      const charged = streamsOn(own, today).filter((stream) => stream.lastDay === today);
      for (const stream of charged) judgeNext(stream, own, { isKnown, charges, chance }, tally);
    }
  }
}

type Judged = { isKnown: IsKnown; charges: readonly Charge[]; chance: () => number };

function judgeNext(stream: Stream, own: readonly Charge[], world: Judged, tally: Tally): void {
  const { nextDay, lastDay: today, cadence, amountMinor: amount } = stream;
  const days = nearDays[cadence];
  if (nextDay === null || !world.isKnown(nextDay, days)) return;
  const later = own.filter(({ day }) => day > today);
  const kind = stream.isVariable ? 'variable' : 'fixed price';
  if (stream.occurrences < seenCharges) {
    tally.add(
      `statements, ${kind}, fewer seen`,
      later.some((each) => isNear({ day: nextDay, amount }, each, days)),
    );
    return;
  }
  const isHit = later.some((each) =>
    stream.isVariable ? isNearDay(nextDay, each, days) : isNear({ day: nextDay, amount }, each, days),
  );
  tally.add(`statements, ${kind}`, isHit);
  tally.add(`statements, ${kind}, ${cadence}`, isHit);
  if (!stream.isVariable) judgeByChance(stream, later, world, tally);
  const near = later.filter((each) => isNearDay(nextDay, each, days));
  if (stream.priceChange?.charges === 2 && near.length > 0)
    tally.add(
      'statements, a changed price stays',
      near.some(({ amountMinor }) => isAbout(stream.lastAmountMinor, amountMinor, nearPrice)),
    );
}

/** A day of the time until the stream would be late, and the amount of one of the person's charges. */
function judgeByChance(
  stream: Stream,
  later: readonly Charge[],
  { charges, chance }: Judged,
  tally: Tally,
): void {
  const span = dayNumber(stream.changesOn ?? '') - dayNumber(stream.lastDay);
  const day = dayText(dayNumber(stream.lastDay) + 1 + Math.floor(chance() * span));
  const amount = charges[Math.floor(chance() * charges.length)]?.amountMinor ?? 1n;
  const days = nearDays[stream.cadence];
  tally.add(
    'statements, by chance',
    later.some((each) => isNear({ day, amount }, each, days)),
  );
}

/** Naive: an amount that came three times at a merchant comes again after a month. */
function judgeNaive(own: readonly Charge[], today: string, isKnown: IsKnown, tally: Tally): void {
  const last = own.findLast(({ day }) => day === today);
  if (!last) return;
  const same = own.filter(({ day, amountMinor }) => day <= today && amountMinor === last.amountMinor);
  const expected = nextMonth(last);
  if (same.length < 3 || !isKnown(expected.day, nearDays.monthly)) return;
  const later = own.filter(({ day }) => day > today);
  tally.add(
    'statements, same amount three times',
    later.some((each) => isNear(expected, each, nearDays.monthly)),
  );
}
