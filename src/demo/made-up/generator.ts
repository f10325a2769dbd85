/**
 * Generates the demo's expenses: months of spending of a few dozen people, random from a fixed seed. Pure: the same
 * month always gives the same events with the same ids.
 */
import { formatAmount } from '../../values/money.ts';
import { billCategories, centsIn } from './bills.ts';
import { categories, type Category } from './categories.ts';
import { oneOffCategories, type OneOff, type Purchase } from './incidents.ts';
import { demoCurrency, demoTimeZone, type Habit, makePeople, type Person, rulesOf } from './people.ts';
import { Random } from './random.ts';
import { type ExpenseData, type LiveStep, monthBounds, type PostedEvent, type Replay } from '../replay.ts';

const seed = 'spendwatch demo 1';
/** Advice compares half a year. Most people do with less, and the demo is short. Bills of a year come back after one. */
const monthsBefore = { habits: 4, grownHabits: 7, bills: 13 } as const;
/** The latest months, in which a habit has grown. */
const grownMonths = 3;
const source = 'demo';

/** `live`: the month that is played live, `YYYY-MM`. */
export function generateReplay(live: string): Replay {
  const people = makePeople(seed);
  const { start, end } = monthBounds(live, demoTimeZone);
  const events = people.flatMap((person) => eventsOf(person, live)).toSorted(byTime);
  const isBefore = (event: PostedEvent, limit: Temporal.Instant): boolean =>
    Temporal.Instant.compare(event.time, limit) < 0;
  const history = events.filter((event) => isBefore(event, start));
  // The month is played up to its last afternoon; later events are left out.
  const during = events.filter((event) => !isBefore(event, start) && isBefore(event, end));
  return {
    key: live,
    tenant: { name: 'Demo', timezone: demoTimeZone, currency: demoCurrency },
    people: people.map(({ userId, name, timeZone, digest }) => ({
      userId,
      settings: { name, timezone: timeZone, email: `${userId}@example.com` },
      preferences: { digest },
    })),
    categories: [...categories, ...billCategories, ...oneOffCategories].map(({ id, label }) => ({
      categoryId: id,
      name: label,
    })),
    start,
    end,
    history,
    historyCount: history.length,
    rules: people.flatMap((person) => rulesOf(person, seed)),
    steps: hourly(during),
  };
}

function eventsOf(person: Person, live: string): PostedEvent[] {
  const month = Temporal.PlainYearMonth.from(live);
  const hasGrown = person.habits.some(({ grown }) => grown > 1);
  return [
    ...monthsUntil(month, monthsBefore[hasGrown ? 'grownHabits' : 'habits']).flatMap(([at, each]) =>
      habitEvents(person, each, at),
    ),
    ...monthsUntil(month, monthsBefore.bills).flatMap(([at, each]) => billEvents(person, each, at)),
    ...plannedEvents(person, person.incidents, month, 'x'),
    ...plannedEvents(person, person.oneOffs, month, 'y'),
  ];
}

/** The months before the live one and that one, each with its number: the live one is 0. */
const monthsUntil = (live: Temporal.PlainYearMonth, before: number): [number, Temporal.PlainYearMonth][] =>
  Array.from({ length: before + 1 }, (_, index) => [index - before, live.add({ months: index - before })]);

function habitEvents(person: Person, month: Temporal.PlainYearMonth, at: number): PostedEvent[] {
  const random = new Random(`${seed} ${person.userId} ${month.toString()}`);
  const purchases = person.habits.flatMap((habit) => {
    const usual = habit.timesAMonth * (at >= -grownMonths ? habit.grown : 1);
    const times = Math.max(1, Math.round(usual * random.between(0.8, 1.2)));
    return Array.from({ length: times }, () => makePurchase(habit, month, random));
  });
  return purchases.flatMap(({ category, ...purchase }, index) =>
    purchaseEvents({ person, categoryId: category.id, id: idOf(person, month, index) }, purchase, month),
  );
}

/** Bills come at night. */
const billTime = '04:30';

function billEvents(person: Person, month: Temporal.PlainYearMonth, at: number): PostedEvent[] {
  const random = new Random(`${seed} bills ${person.userId} ${month.toString()}`);
  return person.bills.flatMap((bill, index) => {
    const cents = centsIn(bill, at, month.month, random);
    if (cents === null) return [];
    const { categoryId, day, merchant } = bill;
    const made = { person, categoryId, id: `${idOf(person, month, index)}b` };
    return purchaseEvents(made, { day, time: billTime, merchant, cents }, month);
  });
}

function plannedEvents(
  person: Person,
  planned: readonly OneOff[],
  month: Temporal.PlainYearMonth,
  kind: string,
): PostedEvent[] {
  const purchases = planned.flatMap(({ categoryId, purchases }) =>
    purchases.map((purchase) => ({ categoryId, purchase })),
  );
  return purchases.flatMap(({ categoryId, purchase }, index) =>
    purchaseEvents({ person, categoryId, id: `${idOf(person, month, index)}${kind}` }, purchase, month),
  );
}

const idOf = ({ userId }: Person, month: Temporal.PlainYearMonth, index: number): string =>
  `${userId}-${month.toString()}-${String(index + 1).padStart(3, '0')}`;

function makePurchase(
  { category, cents: [from, to] }: Habit,
  month: Temporal.PlainYearMonth,
  random: Random,
): Purchase & { category: Category } {
  const [opens, closes] = category.hours;
  const hour = String(random.integer(opens, closes)).padStart(2, '0');
  const minute = String(random.integer(0, 59)).padStart(2, '0');
  // Small amounts are more frequent; the mean stays in the middle.
  const cents = Math.round(from + (to - from) * ((random.next() + random.next() ** 2) * 0.6));
  return {
    category,
    day: random.integer(1, month.daysInMonth),
    time: `${hour}:${minute}`,
    merchant: random.pick(category.merchants),
    cents: random.chance(0.02) ? -cents : cents,
    ...amendment(cents, random),
  };
}

/** Sometimes a tip is added or a charge is reversed. */
function amendment(cents: number, random: Random): Pick<Purchase, 'amend'> {
  if (random.chance(0.02))
    return { amend: { afterMinutes: random.integer(40, 400), cents: Math.round(cents * 1.15) } };
  if (random.chance(0.012)) return { amend: { afterMinutes: random.integer(300, 3000), cents: null } };
  return {};
}

type Made = { person: Person; categoryId: string; id: string };

/** The events that a card's bank would post, a few minutes after the purchase. */
function purchaseEvents(made: Made, purchase: Purchase, month: Temporal.PlainYearMonth): PostedEvent[] {
  const spentAt = month
    .toPlainDate({ day: purchase.day })
    .toPlainDateTime(purchase.time)
    .toZonedDateTime(made.person.timeZone)
    .toInstant();
  const postedAt = spentAt.add({ minutes: 1 + (purchase.cents & 7) });
  const data = (cents: number): ExpenseData => ({
    expenseId: made.id,
    userId: made.person.userId,
    categoryId: made.categoryId,
    merchant: purchase.merchant,
    amount: formatAmount(BigInt(cents), demoCurrency),
    currency: demoCurrency,
    spentAt: spentAt.toString(),
  });
  const created = event(made.id, 'expense.created', postedAt, data(purchase.cents));
  if (!purchase.amend) return [created];
  const { afterMinutes, cents } = purchase.amend;
  const amendedAt = postedAt.add({ minutes: afterMinutes });
  return cents === null
    ? [created, event(made.id, 'expense.deleted', amendedAt, { expenseId: made.id })]
    : [created, event(made.id, 'expense.updated', amendedAt, data(cents))];
}

const event = (
  expenseId: string,
  type: PostedEvent['type'],
  time: Temporal.Instant,
  data: PostedEvent['data'],
): PostedEvent => ({
  id: `${expenseId}.${type.slice('expense.'.length)}`,
  source,
  type,
  time: time.toString(),
  data,
});

const byTime = (a: PostedEvent, b: PostedEvent): number =>
  Temporal.Instant.compare(a.time, b.time) || (a.id < b.id ? -1 : 1);

/** The events of an hour are posted together, at the time of the last one. */
function hourly(events: readonly PostedEvent[]): LiveStep[] {
  const hours = Map.groupBy(events, ({ time }) => time.slice(0, 'YYYY-MM-DDTHH'.length));
  return [...hours.values()].map((events) => ({
    at: Temporal.Instant.from(events.at(-1)?.time ?? ''),
    events,
  }));
}
