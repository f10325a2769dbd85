/**
 * Finds the order of day, month and year that all dates of a file have. Where two orders remain, it asks instead of
 * choosing.
 */
import { dateInOrder, describeOrder, type Order, splitDate } from '../date-shapes.ts';

/** The order of each shape of date. */
export type DateOrders = ReadonlyMap<string, Order>;

/** Two readings of one text, for a question. */
type Example = { text: string; line: number };

type Years = { from: number; to: number };
type Shape = {
  /** The orders that fit all dates so far, with the years they give. */
  orders: Map<Order, Years>;
  /** The first date that the orders read differently. */
  differs: Example | null;
  first: Example;
  /** The first date that fits no order of the others. */
  against: Example | null;
};

/** A file with years of two digits spans fewer years; and fewer still if the year comes first. */
const mostYears = 10;
const mostYearsFirst = 1;

export class DateSurvey {
  readonly #shapes = new Map<string, Shape>();

  /** Text that is no date in any order is ignored: its row will be rejected. */
  add(text: string, line: number): void {
    const split = splitDate(text);
    if (!split) return;
    const dates = split.orders.flatMap((order) => {
      const date = dateInOrder(split, order);
      return date ? [{ order, date }] : [];
    });
    if (dates.length === 0) return;
    const shape = this.#shapes.get(split.shape) ?? newShape(split.orders, { text, line });
    this.#shapes.set(split.shape, shape);
    const fitting = dates.filter(({ order }) => shape.orders.has(order));
    if (fitting.length === 0) shape.against ??= { text, line };
    if (fitting.length === 0) return;
    const [first] = fitting;
    if (fitting.some(({ date }) => first && !date.equals(first.date))) shape.differs ??= { text, line };
    shape.orders = new Map(
      fitting.map(({ order, date }) => [order, widen(shape.orders.get(order), date.year)]),
    );
  }

  /** The orders found, and the questions that are left. */
  result(): { orders: DateOrders; questions: string[] } {
    const orders = new Map<string, Order>();
    const questions: string[] = [];
    for (const [name, shape] of this.#shapes) {
      const left = plausible(shape.orders);
      const [order] = left;
      const question = shape.against
        ? contradiction(shape.first, shape.against)
        : ambiguity(name, shape, left);
      if (question) questions.push(question);
      else if (order) orders.set(name, order);
    }
    return { orders, questions };
  }
}

const noYears: Years = { from: Infinity, to: -Infinity };

const newShape = (orders: readonly Order[], first: Example): Shape => ({
  orders: new Map(orders.map((order) => [order, noYears])),
  differs: null,
  first,
  against: null,
});

const widen = ({ from, to }: Years = noYears, year: number): Years => ({
  from: Math.min(from, year),
  to: Math.max(to, year),
});

function plausible(orders: ReadonlyMap<Order, Years>): Order[] {
  const near = [...orders].filter(
    ([order, { from, to }]) => to - from <= (order === 'YMD' ? mostYearsFirst : mostYears),
  );
  return (near.length > 0 ? near : [...orders]).map(([order]) => order);
}

const contradiction = (first: Example, against: Example): string =>
  `"${first.text}" (line ${first.line}) and "${against.text}" (line ${against.line}) have no common order of day and month. Say it with --date-format, like dd/MM/yyyy`;

function ambiguity(name: string, { differs }: Shape, left: readonly Order[]): string | null {
  const split = differs && splitDate(differs.text);
  if (left.length < 2 || !split) return null;
  const readings = new Map(left.map((order) => [dateInOrder(split, order)?.toString(), order] as const));
  if (readings.size < 2) return null;
  const formats = [...readings.values()].map((order) => describeOrder(name, order));
  return `the date "${differs.text}" (line ${differs.line}) can be ${[...readings.keys()].join(' or ')}, and no date of the file says which. Say it: --date-format ${formats.join(' or ')}`;
}
