/**
 * Planned purchases of some of the demo's people, so that every kind of alert occurs whatever the random expenses are.
 * Each is in a category in which the person spends nothing else, so the sums are exact.
 */

/** `day` of the month and local `time`. `amend`: a later event that changes the amount, or deletes it if null. */
export type Purchase = {
  day: number;
  time: string;
  merchant: string;
  cents: number;
  amend?: { afterMinutes: number; cents: number | null };
};

export type Incident = {
  /** The person's number. */
  person: number;
  categoryId: string;
  ruleName: string;
  budgetCents: number;
  notifyOnRecovery?: boolean;
  purchases: readonly Purchase[];
};

/** Purchases that no rule of their own watches. They show what is out of the ordinary. */
export type OneOff = Pick<Incident, 'person' | 'categoryId' | 'purchases'>;

export const oneOffCategories = [
  { id: 'furniture', label: 'Furniture' },
  { id: 'flights', label: 'Flights' },
] as const;

export const oneOffs: readonly OneOff[] = [
  {
    // Charged twice, and nobody reverses it.
    person: 7,
    categoryId: 'groceries',
    purchases: [
      { day: 13, time: '12:05', merchant: 'SQ *THE CHEESE CART', cents: 64_20 },
      { day: 13, time: '12:07', merchant: 'SQ *THE CHEESE CART', cents: 64_20 },
    ],
  },
  {
    person: 9,
    categoryId: 'furniture',
    purchases: [{ day: 21, time: '15:30', merchant: 'NORDVIK SOFAS', cents: 1299_00 }],
  },
  {
    // A flight that is paid back.
    person: 15,
    categoryId: 'flights',
    purchases: [
      { day: 6, time: '19:40', merchant: 'SKYBRIDGE AIR 0182', cents: 412_60 },
      { day: 17, time: '09:05', merchant: 'SKYBRIDGE AIR 0182', cents: -412_60 },
    ],
  },
];

/** One person exceeds five budgets in one afternoon: three interrupt, and the digest has the rest. */
function cappedEvening(): Incident[] {
  const spree = [
    { categoryId: 'travel', ruleName: 'Getaways', time: '14:10', merchant: 'SKYBRIDGE AIR 0182' },
    { categoryId: 'health', ruleName: 'Pharmacy', time: '15:25', merchant: 'WELLSPRING PHARMACY 0077' },
    { categoryId: 'shopping', ruleName: 'Gifts', time: '16:15', merchant: 'HOUSE OF LAMPS' },
    { categoryId: 'entertainment', ruleName: 'Cinema', time: '17:30', merchant: 'LANTERN CINEMA 08' },
    { categoryId: 'utilities', ruleName: 'Bills', time: '18:20', merchant: 'HILLTOP BROADBAND' },
  ];
  return spree.map(({ categoryId, ruleName, time, merchant }, index) => ({
    person: 33,
    categoryId,
    ruleName,
    budgetCents: 80_00,
    purchases: [{ day: 19, time, merchant, cents: 83_00 + index * 2_50 }],
  }));
}

export const incidents: readonly Incident[] = [
  {
    // Spending goes from 70 % to 101 %: three levels open, with one alert.
    person: 3,
    categoryId: 'shopping',
    ruleName: 'Shopping',
    budgetCents: 400_00,
    purchases: [
      { day: 4, time: '14:20', merchant: 'HOUSE OF LAMPS', cents: 280_00 },
      { day: 12, time: '11:05', merchant: 'ORCHARD OUTFITTERS 31', cents: 126_00 },
    ],
  },
  {
    // Spending is exactly the budget: 100 % is reached.
    person: 5,
    categoryId: 'travel',
    ruleName: 'Trips',
    budgetCents: 600_00,
    purchases: [
      { day: 6, time: '10:10', merchant: 'COAST RAIL TICKETS', cents: 185_50 },
      { day: 13, time: '12:45', merchant: 'HARBOR INN RESERVATIONS', cents: 214_50 },
      { day: 20, time: '09:30', merchant: 'SKYBRIDGE AIR 0182', cents: 200_00 },
    ],
  },
  {
    // Spending reaches 99.96 %, then a refund lowers it.
    person: 8,
    categoryId: 'shopping',
    ruleName: 'Clothes',
    budgetCents: 250_00,
    notifyOnRecovery: true,
    purchases: [
      { day: 5, time: '16:00', merchant: 'OAK & THREAD #214', cents: 120_00 },
      { day: 9, time: '13:15', merchant: 'PAYPAL *PAPERLANTERN', cents: 129_90 },
      { day: 15, time: '10:40', merchant: 'PAYPAL *PAPERLANTERN', cents: -129_90 },
    ],
  },
  {
    // A typing error is corrected an hour and a half later.
    person: 14,
    categoryId: 'health',
    ruleName: 'Health',
    budgetCents: 200_00,
    purchases: [
      { day: 3, time: '09:15', merchant: 'WELLSPRING PHARMACY 0077', cents: 45_00 },
      {
        day: 17,
        time: '15:00',
        merchant: 'BRIGHT SMILE DENTAL',
        cents: 420_00,
        amend: { afterMinutes: 90, cents: 42_00 },
      },
    ],
  },
  {
    // A purchase is charged twice, and the second charge is reversed.
    person: 21,
    categoryId: 'entertainment',
    ruleName: 'Going out',
    budgetCents: 150_00,
    purchases: [
      { day: 10, time: '18:30', merchant: 'LANTERN CINEMA 08', cents: 72_00 },
      {
        day: 10,
        time: '18:34',
        merchant: 'LANTERN CINEMA 08',
        cents: 72_00,
        amend: { afterMinutes: 1380, cents: null },
      },
    ],
  },
  {
    // Three alerts are deferred in quiet hours. Two are sent in the morning as a roll-up; the third's charge is reversed.
    person: 11,
    categoryId: 'travel',
    ruleName: 'Weekends',
    budgetCents: 250_00,
    purchases: [
      { day: 6, time: '12:30', merchant: 'COAST RAIL TICKETS', cents: 90_00 },
      { day: 14, time: '21:20', merchant: 'HARBOR INN RESERVATIONS', cents: 184_00 },
    ],
  },
  {
    person: 11,
    categoryId: 'shopping',
    ruleName: 'New things',
    budgetCents: 120_00,
    purchases: [{ day: 14, time: '22:05', merchant: 'ORCHARD OUTFITTERS 31', cents: 126_00 }],
  },
  {
    person: 11,
    categoryId: 'entertainment',
    ruleName: 'Games',
    budgetCents: 60_00,
    purchases: [
      {
        day: 14,
        time: '22:40',
        merchant: 'PAYPAL *PIXELFORGE',
        cents: 64_00,
        amend: { afterMinutes: 95, cents: null },
      },
    ],
  },
  ...cappedEvening(),
  {
    // Spending is half as much again as the budget.
    person: 27,
    categoryId: 'travel',
    ruleName: 'Travel',
    budgetCents: 300_00,
    purchases: [
      { day: 7, time: '11:20', merchant: 'COAST RAIL TICKETS', cents: 140_00 },
      { day: 18, time: '17:10', merchant: 'HARBOR INN RESERVATIONS', cents: 330_00 },
    ],
  },
  {
    // Every level opens in turn.
    person: 30,
    categoryId: 'entertainment',
    ruleName: 'Fun',
    budgetCents: 200_00,
    purchases: [
      { day: 8, time: '17:40', merchant: 'RIVERSIDE BOWL', cents: 165_00 },
      { day: 11, time: '18:15', merchant: 'LANTERN CINEMA 08', cents: 27_00 },
      { day: 16, time: '17:05', merchant: 'STREAMBOX RENTAL', cents: 10_00 },
      { day: 22, time: '19:10', merchant: 'PAYPAL *PIXELFORGE', cents: 100_00 },
    ],
  },
];
