/** The bills of the demo's people: rent, power, subscriptions and insurance, and what becomes of some of them. */
import type { Random } from './random.ts';

/** Categories that have bills alone. */
export const billCategories = [
  { id: 'housing', label: 'Housing' },
  { id: 'utilities', label: 'Utilities' },
  { id: 'subscriptions', label: 'Subscriptions' },
  { id: 'insurance', label: 'Insurance' },
] as const;

/**
 * Months are counted from the live one, which is 0; earlier ones are negative. A bill comes in `firstMonth`, which may be
 * ahead, and each `everyMonths` before and after it. `months`: the first and the last month in which it comes.
 * `raised`: its price from a month on. `isHeating`: it costs more in winter.
 */
export type Bill = {
  categoryId: (typeof billCategories)[number]['id'];
  merchant: string;
  cents: number;
  day: number;
  everyMonths: 1 | 3 | 12;
  firstMonth: number;
  months: readonly [from: number, to: number];
  raised?: { month: number; cents: number };
  isHeating?: boolean;
};

const always = [-Infinity, Infinity] as const;

const monthly = { everyMonths: 1, firstMonth: 0, months: always } as const;

/** The bills that most people have. Those in `without` are left out. */
export function usualBills(random: Random, without: ReadonlySet<string>): Bill[] {
  const rent = 1000 * random.integer(62, 165);
  const bills: Bill[] = [
    {
      ...monthly,
      categoryId: 'housing',
      merchant: 'ELM STREET LETTINGS',
      cents: rent,
      day: random.pick([1, 3, 28]),
    },
    {
      ...monthly,
      categoryId: 'utilities',
      merchant: 'NORTHSHORE POWER AUTOPAY',
      cents: random.integer(45_00, 95_00),
      day: random.integer(8, 20),
      isHeating: true,
    },
    {
      ...monthly,
      categoryId: 'utilities',
      merchant: 'HILLTOP BROADBAND',
      cents: random.pick([39_99, 49_99, 59_99]),
      day: random.integer(4, 24),
    },
    {
      ...monthly,
      categoryId: 'subscriptions',
      merchant: 'NIGHTOWL TV',
      cents: random.pick([8_99, 12_99]),
      day: random.integer(2, 26),
    },
    {
      categoryId: 'utilities',
      merchant: 'CLEARWATER UTILITY DIST',
      cents: random.integer(70_00, 140_00),
      day: random.integer(5, 25),
      everyMonths: 3,
      firstMonth: random.integer(0, 2),
      months: always,
    },
  ];
  return bills.filter(({ categoryId, merchant }) => !without.has(categoryId) && !without.has(merchant));
}

/** Bills of single people, by their number. They show what is found among recurring charges. */
export const ownBills: Readonly<Record<number, readonly Bill[]>> = {
  // The price rises in the live month.
  2: [
    {
      ...monthly,
      categoryId: 'subscriptions',
      merchant: 'TUNEFERRY PREMIUM',
      cents: 10_99,
      day: 9,
      raised: { month: 0, cents: 12_99 },
    },
  ],
  // The gym was left a month ago, and its charge does not come.
  12: [
    {
      ...monthly,
      categoryId: 'subscriptions',
      merchant: 'IRON YARD GYM',
      cents: 34_00,
      day: 5,
      months: [-Infinity, -1],
    },
  ],
  // A subscription begun two months before the live one, which shows as new with its third charge.
  13: [
    {
      ...monthly,
      categoryId: 'subscriptions',
      merchant: 'PAGEHARBOR BOOKS',
      cents: 14_99,
      day: 11,
      months: [-2, Infinity],
    },
  ],
  // The car is insured each year, and the next bill comes the month after the live one.
  16: [
    {
      categoryId: 'insurance',
      merchant: 'SAFEMOOR INSURANCE',
      cents: 684_00,
      day: 12,
      everyMonths: 12,
      firstMonth: 1,
      months: always,
    },
  ],
};

/** The cents of a bill in a month, or null if it does not come. `monthOfYear`: 1 to 12. */
export function centsIn(bill: Bill, month: number, monthOfYear: number, random: Random): number | null {
  const [from, to] = bill.months;
  if (month < from || month > to || (month - bill.firstMonth) % bill.everyMonths !== 0) return null;
  const cents = bill.raised && month >= bill.raised.month ? bill.raised.cents : bill.cents;
  return bill.isHeating ? Math.round(cents * heating(monthOfYear) * random.between(0.93, 1.07)) : cents;
}

const mildest = 7;

/** From 0.7 in July to 1.6 in January. */
const heating = (monthOfYear: number): number =>
  1.15 - 0.45 * Math.cos(((monthOfYear - mildest) * 2 * Math.PI) / 12);

/** The cents of a bill in a usual month. */
export const usualBillCents = ({ cents, everyMonths }: Bill): number => cents / everyMonths;
