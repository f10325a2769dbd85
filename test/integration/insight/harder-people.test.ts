/** People whose charges are easily misread, and the sentences that they read. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { daysUntil } from '../../support/reference/recurring-purchases.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import type { Life } from '../../support/worlds/insight/hand-made-people.ts';
import { charges, groceries, shopping, today } from '../../support/worlds/insight/spending.ts';
import { nothing, type Told, ToldPerson } from '../../support/worlds/insight/told-person.ts';

const every = (months: number, count: number, last: string): string[] => daysUntil(last, count, { months });
const monthly = (count: number, last: string): string[] => every(1, count, last);
const presents = [2, 2, 2, 2, 2, 2, 2, 2, 2, 4, 12, 14];

const rows: Record<string, Life & Partial<Told>> = {
  'a trial for 0.99 that became a subscription': {
    spends: [
      ...groceries('Trial'),
      ...charges({
        at: 'Tunebox',
        category: 'fun',
        on: monthly(4, '2027-01-09'),
        amount: '0.99 12.99 12.99 12.99',
      }),
    ],
    recurring: ['Tunebox monthly 12.99, active, next 2027-02-09'],
    told: ['Tunebox charges about $12.99 every month. The charge of January 9, 2027 made it one.'],
  },
  'a subscription raised from 4.99 to 9.99': {
    spends: [
      ...groceries('Doubled'),
      ...charges({ at: 'Streamflix', category: 'fun', on: monthly(11, '2026-12-08'), amount: '4.99' }),
      ...charges({ at: 'Streamflix', category: 'fun', on: '2027-01-08', amount: '9.99' }),
    ],
    recurring: ['Streamflix monthly 4.99 +100.2 %, active, next 2027-02-08'],
    told: [
      'Streamflix charged $9.99 on January 8, 2027, so far once, and $4.99 before. At that price it costs $60.00 more a year.',
    ],
  },
  'an electricity bill of four times the usual': {
    spends: [
      ...groceries('Electric'),
      ...charges({
        at: 'Power & Light',
        category: 'home',
        on: monthly(13, '2027-01-12'),
        amount: '100.10 104.05 98.60 101.20 100.45 97.90 99.35 96.80 102.15 98.70 105.25 99.60 480.00',
      }),
    ],
    recurring: ['Power & Light monthly 105.25 varies, active, next 2027-02-12'],
    told: [
      '$480.00 at Power & Light on January 12, 2027 is the largest charge of its category since January 12, 2026. Usual there is about $99.60.',
    ],
  },
  'a lamp that is no larger than the rent of its category': {
    spends: [
      ...groceries('Lamp'),
      ...charges({ at: 'Hill Homes', category: 'home', on: monthly(12, '2026-12-28'), amount: '900.00' }),
      ...charges({ at: 'Lamp Shop', category: 'home', on: '2027-01-12', amount: '400.00' }),
    ],
    recurring: ['Hill Homes monthly 900.00, active, next 2027-01-28'],
  },
  'a third delivery of heating oil for as much as the others': {
    spends: [
      ...groceries('Oil'),
      ...charges({
        at: 'Warm Oil',
        category: 'home',
        on: '2025-11-19 2026-01-14 2027-01-12',
        amount: '410.00 421.00 439.90',
      }),
    ],
  },
  'a car insurance due in five days, and a budget for the month': {
    spends: [
      ...groceries('Insured'),
      ...charges({ at: 'Safe Insurance', category: 'car', on: every(12, 2, '2026-01-20'), amount: '640.00' }),
    ],
    budgets: ['400.00'],
    recurring: ['Safe Insurance yearly 640.00, active, next 2027-01-20'],
    told: [expect.stringMatching(/^Month: .* spent, probably /)],
    forecasts: [expect.stringMatching(/of 400.00, not on pace, with Safe Insurance 640.00 on 2027-01-20/)],
  },
  'Christmas presents that differ from the year before by chance': {
    spends: [
      ...groceries('Presents'),
      ...shopping({
        category: 'presents',
        at: ['Toy Box', 'Book Nook', 'Gift Hut'],
        counts: [...presents, ...presents],
        until: '2026-12',
        from: 15,
        to: 45,
      }),
    ],
  },
  'a first visit to a garage that charged twice': {
    spends: [
      ...groceries('Garage'),
      ...charges({ at: 'City Garage', category: 'car', on: '2027-01-12 2027-01-13', amount: '186.40' }),
    ],
    told: [
      'City Garage charged $186.40 on January 12, 2027 and again on January 13, 2027. If you bought once, ask there for a refund.',
    ],
  },
  'a subscription of 9.99 that was charged twice': {
    spends: [
      ...groceries('Twice'),
      ...charges({
        at: 'Streamflix',
        category: 'fun',
        on: [...monthly(12, '2027-01-12'), '2027-01-13'],
        amount: '9.99',
      }),
    ],
    recurring: ['Streamflix monthly 9.99, active, next 2027-02-12'],
    told: [
      'Streamflix charged $9.99 on January 12, 2027 and again on January 13, 2027. If you bought once, ask there for a refund.',
    ],
  },
  'a yearly insurance that was not charged': {
    spends: [
      ...groceries('Missed'),
      ...charges({ at: 'Safe Insurance', category: 'car', on: '2024-12-26 2025-12-26', amount: '640.00' }),
    ],
    recurring: ['Safe Insurance yearly 640.00, late, next 2027-12-26'],
    told: [
      'Safe Insurance was expected to charge about $640.00 on December 26, 2026, and has not. It may have ended, or a payment may have failed.',
    ],
  },
  'rent on the 28th and a budget that will not do': {
    spends: [
      ...groceries('Rent'),
      ...charges({ at: 'Hill Homes', category: 'rent', on: monthly(12, '2026-12-28'), amount: '900.00' }),
    ],
    budgets: ['1000.00'],
    recurring: ['Hill Homes monthly 900.00, active, next 2027-01-28'],
    told: ['Month: $90.61 of $1,000.00 spent, probably $1,000 to $1,200 by the end of the month.'],
    forecasts: ['1036.68 to 1147.64 of 1000.00, not on pace, with Hill Homes 900.00 on 2027-01-28'],
  },
};

let service: TestService;
let people: Map<string, ToldPerson>;
beforeAll(async () => {
  service = await startService({ clock: new SteppedClock(`${today}T12:00:00Z`) });
  people = await ToldPerson.live(service, rows);
});
afterAll(() => service.stop());

test.each(Object.entries(rows))('somebody with %s', async (name, row) => {
  const told = Object.fromEntries(Object.entries(row).filter(([key]) => key in nothing));
  expect(await people.get(name)?.hears()).toEqual({ ...nothing, ...told });
});
