/**
 * All that hand-made people read on one day, sentence by sentence: recurring charges, notifications, anomalies, advice and
 * forecasts.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { type HandMade, handMadePeople } from '../../support/worlds/insight/hand-made-people.ts';
import { today } from '../../support/worlds/insight/spending.ts';
import { nothing, type Told, ToldPerson } from '../../support/worlds/insight/told-person.ts';

/** A list that is left out is empty. */
const expected: Record<HandMade, Partial<Told>> = {
  'a water bill each quarter': { recurring: ['City Water quarterly 150.00, active, next 2027-04-05'] },
  'a car insurance each year': { recurring: ['Safe Insurance yearly 640.00, active, next 2027-12-20'] },
  'a TV licence each year': { recurring: ['TV Licensing yearly 174.50, active, next 2027-04-01'] },
  'a subscription raised from 9.99 to 11.99': {
    recurring: ['Streamflix monthly 9.99 +20 %, active, next 2027-02-10'],
    told: [
      'Streamflix charged $11.99 on January 10, 2027, so far once, and $9.99 before. At that price it costs $24.00 more a year.',
    ],
  },
  'a gym that charges no more': {
    recurring: ['Iron Gym monthly 30.00, late, next 2027-02-08'],
    told: [
      'Iron Gym was expected to charge about $30.00 on January 8, 2027, and has not. It may have ended, or a payment may have failed.',
    ],
  },
  'electricity by the meter': {
    recurring: ['Power & Light monthly 115.25 varies, active, next 2027-01-21'],
  },
  'a box of vegetables each week': { recurring: ['Veggie Box weekly 22.50, active, next 2027-01-20'] },
  'two subscriptions at one merchant': {
    recurring: [
      'Streamflix monthly 14.99, active, next 2027-01-18',
      'Streamflix monthly 4.99, active, next 2027-02-03',
    ],
  },
  'a nursery that is paid twice a month': {
    recurring: [
      'Sunny Nursery monthly 210.00, active, next 2027-02-01',
      'Sunny Nursery monthly 210.00, active, next 2027-02-15',
    ],
  },
  'a dearer flat since November': {
    recurring: ['Lake Flats monthly 980.00, active, next 2027-02-10', 'Old Town Homes monthly 750.00, ended'],
    told: ['Lake Flats charges about $980.00 every month. The charge of January 10, 2027 made it one.'],
  },
  'one new sofa': {
    told: [
      '$1,400.00 at Sofa World on January 12, 2027 is the largest charge of its category since October 7, 2025. Your usual charge is about $21.27.',
    ],
  },
  'one purchase half a year ago': {},
  'a flight that was booked and refunded': {},
  'a garage that charged twice': {
    told: [
      'City Garage charged $186.40 on January 12, 2027 and again on January 13, 2027. If you bought once, ask there for a refund.',
    ],
  },
  'a coat in a month of few clothes': {
    listed: [
      '$620.00 at Coat House on December 5, 2026 is the largest charge of its category since January 7, 2026. Usual in it is about $31.58.',
    ],
  },
  'a refund that leaves hardly anything of a month, and a salary': {},
  'Christmas presents as in the year before': {},
  'heating oil in winter': {},
  'less spent every month': {},
  'bus tickets, in sum 0.30 dearer each month': {},
  'steady groceries': {},
  'more takeaways since October': {
    advice: [
      'eating out: $310.14 a month, $104.20 before. $310.14 a month from October 2026 to December 2026, $104.20 a month from July 2026 to September 2026, without recurring charges. Part of such a rise usually fades by itself. About $92.67 a month of it will probably stay unless you spend less. Look at November 2026 first: $320.55 in 15 purchases. Begin where most goes: Noodle Bar, $905.53 in 90 days. If it is there to stay, give it a budget: $310.14 a month. If it is not, aim for $104.20 a month, as from July 2026 to September 2026.',
    ],
  },
  'a pension and few purchases': {},
  'only cash': {},
  'rent on the 28th and a budget that holds': {
    recurring: ['Hill Homes monthly 900.00, active, next 2027-01-28'],
    forecasts: ['1036.68 to 1147.64 of 1250.00, on pace, with Hill Homes 900.00 on 2027-01-28'],
  },
  'a small student budget': {
    forecasts: ['67.14 to 93.43 of 120.00, on pace'],
  },
};

let service: TestService;
let people: Map<string, ToldPerson>;
beforeAll(async () => {
  service = await startService({ clock: new SteppedClock(`${today}T12:00:00Z`) });
  people = await ToldPerson.live(service, handMadePeople);
});
afterAll(() => service.stop());

test.each(Object.entries(expected))(
  'somebody with %s reads the sentences of the table and no other',
  async (name, told) => {
    expect(await people.get(name)?.hears()).toEqual({ ...nothing, ...told });
  },
);
