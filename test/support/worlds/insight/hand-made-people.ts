/** Hand-made people on 15 January 2027, with their expenses of up to 25 months. */
import { daysUntil } from '../../reference/recurring-purchases.ts';
import type { Purchase } from '../shopper.ts';
import { charges, groceries, shopping } from './spending.ts';

/** `budgets`: amounts of monthly budgets for all spending. */
export type Life = { spends: readonly Purchase[]; budgets?: readonly string[] };

const every = (months: number, count: number, last: string): string[] => daysUntil(last, count, { months });
const monthly = (count: number, last: string): string[] => every(1, count, last);
/** Of the months from January 2026 on, and half as many in this one. */
const aYearOf = (count: number): number[] => [...Array.from({ length: 12 }, () => count), count / 2];

const meals = { category: 'eating out', at: ['Noodle Bar'], from: 12, to: 30 };

const peopleWithBills = {
  'a water bill each quarter': {
    spends: [
      ...groceries('Water'),
      ...charges({ at: 'City Water', category: 'home', on: every(3, 8, '2027-01-05'), amount: '150.00' }),
    ],
  },
  'a car insurance each year': {
    spends: [
      ...groceries('Insured'),
      ...charges({ at: 'Safe Insurance', category: 'car', on: every(12, 3, '2026-12-20'), amount: '640.00' }),
    ],
  },
  'a TV licence each year': {
    spends: [
      ...groceries('Licence'),
      ...charges({
        at: 'TV Licensing',
        category: 'home',
        on: every(12, 2, '2026-04-01'),
        amount: '169.50 174.50',
      }),
    ],
  },
  'a subscription raised from 9.99 to 11.99': {
    spends: [
      ...groceries('Raised'),
      ...charges({ at: 'Streamflix', category: 'fun', on: monthly(11, '2026-12-10'), amount: '9.99' }),
      ...charges({ at: 'Streamflix', category: 'fun', on: '2027-01-10', amount: '11.99' }),
    ],
  },
  'a gym that charges no more': {
    spends: [
      ...groceries('Gym'),
      ...charges({ at: 'Iron Gym', category: 'sport', on: monthly(12, '2026-12-08'), amount: '30.00' }),
      ...charges({ at: 'Corner Kiosk', category: 'groceries', on: '2027-01-14', amount: '3.20' }),
    ],
  },
  'electricity by the meter': {
    spends: [
      ...groceries('Electric'),
      ...charges({
        at: 'Power & Light',
        category: 'home',
        on: monthly(12, '2026-12-21'),
        amount: '118.30 104.05 88.60 71.20 60.45 57.90 59.35 66.80 82.15 98.70 115.25 119.60',
      }),
    ],
  },
  'a box of vegetables each week': {
    spends: [
      ...groceries('Box'),
      ...charges({
        at: 'Veggie Box',
        category: 'groceries',
        on: daysUntil('2027-01-13', 60, { days: 7 }),
        amount: '22.50',
      }),
    ],
  },
  'two subscriptions at one merchant': {
    spends: [
      ...groceries('Two'),
      ...charges({ at: 'Streamflix', category: 'fun', on: monthly(12, '2027-01-03'), amount: '4.99' }),
      ...charges({ at: 'Streamflix', category: 'fun', on: monthly(12, '2026-12-18'), amount: '14.99' }),
    ],
  },
  'a nursery that is paid twice a month': {
    spends: [
      ...groceries('Nursery'),
      ...[monthly(12, '2027-01-01'), monthly(12, '2027-01-15')].flatMap((on) =>
        charges({ at: 'Sunny Nursery', category: 'children', on, amount: '210.00' }),
      ),
    ],
  },
  'a dearer flat since November': {
    spends: [
      ...groceries('Mover'),
      ...charges({ at: 'Old Town Homes', category: 'rent', on: monthly(12, '2026-10-10'), amount: '750.00' }),
      ...charges({ at: 'Lake Flats', category: 'rent', on: monthly(3, '2027-01-10'), amount: '980.00' }),
    ],
  },
} satisfies Record<string, Life>;

const peopleWithOneThing = {
  'one new sofa': {
    spends: [
      ...groceries('Sofa'),
      ...charges({ at: 'Sofa World', category: 'furniture', on: '2027-01-12', amount: '1400.00' }),
    ],
  },
  'one purchase half a year ago': {
    spends: charges({ at: 'Bike Shop', category: 'sport', on: '2026-07-11', amount: '480.00' }),
  },
  'a flight that was booked and refunded': {
    spends: [
      ...groceries('Flight'),
      ...shopping({ category: 'travel', at: ['Railways'], counts: [1, 0, 1, 1, 0, 1, 0], from: 20, to: 45 }),
      ...charges({
        at: 'Sky Air',
        category: 'travel',
        on: '2026-12-28 2027-01-08',
        amount: '700.00 -700.00',
      }),
    ],
  },
  'a garage that charged twice': {
    spends: [
      ...groceries('Garage'),
      ...charges({
        at: 'City Garage',
        category: 'car',
        on: '2025-11-17 2026-04-09 2026-08-25 2027-01-12 2027-01-13',
        amount: '95.00 412.80 148.20 186.40 186.40',
      }),
    ],
  },
  'a coat in a month of few clothes': {
    spends: [
      ...groceries('Coat'),
      ...shopping({
        category: 'clothes',
        at: ['Thread & Co', 'Shoe Barn'],
        counts: [3, 3, 2, 3, 3, 3, 2, 3, 3, 3, 2, 3, 1],
        from: 18,
        to: 45,
      }),
      ...charges({ at: 'Coat House', category: 'clothes', on: '2026-12-05', amount: '620.00' }),
    ],
  },
  'a refund that leaves hardly anything of a month, and a salary': {
    spends: [
      ...shopping({
        category: 'hobby',
        at: ['Wool and Paint'],
        counts: [8, 8, 9, 8, 8, 9, 8, 4],
        from: 10,
        to: 27,
      }),
      ...charges({ at: 'Lens Store', category: 'hobby', on: '2026-08-06', amount: '-420.00' }),
      ...charges({ at: 'Employer', category: 'salary', on: monthly(12, '2026-12-25'), amount: '-2600.00' }),
    ],
  },
} satisfies Record<string, Life>;

const monthOf = ({ on }: Purchase): number => Temporal.PlainDate.from(on).month;

const presents = [2, 2, 2, 2, 2, 2, 2, 2, 2, 4, 12, 14];

const peopleWithHabits = {
  'Christmas presents as in the year before': {
    spends: [
      ...groceries('Presents'),
      ...['2025-12', '2026-12'].flatMap((until) =>
        shopping({
          category: 'presents',
          at: ['Toy Box', 'Book Nook', 'Gift Hut'],
          counts: presents,
          until,
          from: 15,
          to: 45,
        }),
      ),
    ],
  },
  'heating oil in winter': {
    spends: [
      ...groceries('Oil'),
      ...charges({
        at: 'Warm Oil',
        category: 'home',
        on: '2025-01-22 2025-03-04 2025-11-19 2026-01-14 2026-03-03 2026-11-23 2027-01-12',
        amount: '405.00 388.00 410.00 432.50 388.20 421.00 439.90',
      }),
    ],
  },
  'less spent every month': {
    spends: [
      ...groceries('Less'),
      ...shopping({ ...meals, counts: [16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 2] }),
    ],
  },
  'bus tickets, in sum 0.30 dearer each month': {
    spends: shopping({
      category: 'bus',
      at: ['City Buses'],
      counts: aYearOf(10).slice(0, 12),
      until: '2026-12',
      from: 2.4,
      to: 2.4,
    }).map((each) => ({ ...each, amount: (2.37 + 0.03 * monthOf(each)).toFixed(2) })),
  },
  'steady groceries': { spends: [...groceries('Steady'), ...groceries('Other')] },
  'more takeaways since October': {
    spends: [
      ...groceries('Takeaway'),
      ...shopping({ ...meals, counts: [6, 6, 5, 7, 6, 6, 6, 5, 6, 14, 15, 15, 7] }),
    ],
  },
  'a pension and few purchases': {
    spends: [
      ...charges({
        at: 'Old Pharmacy',
        category: 'health',
        on: '2026-02-03 2026-03-20 2026-04-11 2026-06-25 2026-08-14 2026-09-02 2026-11-19 2027-01-04',
        amount: '14.20 9.80 17.35 12.60 14.20 10.95 16.10 13.40',
      }),
      ...shopping({ category: 'groceries', at: ['Village Shop'], counts: aYearOf(10), from: 6, to: 14 }),
    ],
  },
  'only cash': {
    spends: [
      ...shopping({ category: 'cash', at: [], counts: aYearOf(4), from: 50, to: 50 }),
      ...charges({ at: 'City Bank', category: 'cash', on: monthly(12, '2027-01-02'), amount: '200.00' }),
    ].map((each) => ({ ...each, kind: 'cash' as const })),
  },
} satisfies Record<string, Life>;

const peopleWithBudgets = {
  'rent on the 28th and a budget that holds': {
    spends: [
      ...groceries('Rent'),
      ...charges({ at: 'Hill Homes', category: 'rent', on: monthly(12, '2026-12-28'), amount: '900.00' }),
    ],
    budgets: ['1250.00'],
  },
  'a small student budget': {
    spends: shopping({
      category: 'groceries',
      at: ['Campus Canteen', 'Mini Mart'],
      counts: [12, 12, 11, 12, 13, 12, 12, 11, 12, 12, 13, 12, 6],
      from: 4,
      to: 9,
    }),
    budgets: ['120.00'],
  },
} satisfies Record<string, Life>;

export const handMadePeople = {
  ...peopleWithBills,
  ...peopleWithOneThing,
  ...peopleWithHabits,
  ...peopleWithBudgets,
};

/** Names a person by what they have. */
export type HandMade = keyof typeof handMadePeople;
