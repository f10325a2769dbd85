/** A person with a rent of 600.00 on the 28th and 20.00 of food on every third day, from March 2026 on. */
import type { Purchase } from '../shopper.ts';

const rent = { merchant: 'Hill Homes', category: 'rent', amount: '600.00' } as const;

const food = { merchant: 'Corner Market', category: 'food', amount: '20.00' } as const;

/** Purchases from 1 March until `to`, inclusive. Food is bought on the 1st, 4th, 7th, … of each month. */
export function evenSpending(to: string): Purchase[] {
  const purchases: Purchase[] = [];
  const last = Temporal.PlainDate.from(to);
  for (
    let day = Temporal.PlainDate.from('2026-03-01');
    Temporal.PlainDate.compare(day, last) <= 0;
    day = day.add({ days: 1 })
  ) {
    if (day.day % 3 === 1) purchases.push({ on: day.toString(), ...food });
    if (day.day === 28) purchases.push({ on: day.toString(), ...rent });
  }
  return purchases;
}
