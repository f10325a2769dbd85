/** The categories of the demo's habitual spending: frequency, amounts, time of day and invented shops. */

export type Category = {
  id: string;
  label: string;
  timesAMonth: number;
  /** Cents, before a person's scale. */
  cents: readonly [from: number, to: number];
  /** Local hours, both included. */
  hours: readonly [from: number, to: number];
  /** Names as on a card statement. */
  merchants: readonly string[];
};

export const categories: readonly Category[] = [
  {
    id: 'groceries',
    label: 'Groceries',
    timesAMonth: 9,
    cents: [1800, 11_500],
    hours: [9, 20],
    merchants: ['CORNER MARKET #1023', 'GREENLEAF GROCERS 0412', 'HARVEST LANE FOODS', 'SQ *THE CHEESE CART'],
  },
  {
    id: 'dining',
    label: 'Dining',
    timesAMonth: 11,
    cents: [450, 5800],
    hours: [8, 22],
    merchants: [
      'SQ *BLUE DOOR COFFEE',
      'TST* COPPER SPOON KITCHEN',
      'NOODLE YARD 7',
      'SQ *SUNDAY BAKERY',
      'PIZZERIA DUE FORNI',
    ],
  },
  {
    id: 'transport',
    label: 'Transport',
    timesAMonth: 12,
    cents: [275, 4200],
    hours: [6, 19],
    merchants: ['CITY LINE TRANSIT KIOSK 17', 'FUEL STOP 88', 'QUICKRIDE *TRIP', 'PARKWELL GARAGE 03'],
  },
  {
    id: 'entertainment',
    label: 'Entertainment',
    timesAMonth: 4,
    cents: [899, 6500],
    hours: [17, 23],
    merchants: ['LANTERN CINEMA 08', 'STREAMBOX RENTAL', 'PAYPAL *PIXELFORGE', 'RIVERSIDE BOWL'],
  },
  {
    id: 'shopping',
    label: 'Shopping',
    timesAMonth: 4,
    cents: [1500, 18_000],
    hours: [10, 22],
    merchants: ['PAYPAL *PAPERLANTERN', 'OAK & THREAD #214', 'HOUSE OF LAMPS', 'ORCHARD OUTFITTERS 31'],
  },
  {
    id: 'health',
    label: 'Health',
    timesAMonth: 2,
    cents: [1200, 9500],
    hours: [8, 18],
    merchants: ['WELLSPRING PHARMACY 0077', 'BRIGHT SMILE DENTAL', 'SQ *STILL POINT YOGA'],
  },
  {
    id: 'travel',
    label: 'Travel',
    timesAMonth: 1,
    cents: [6000, 32_000],
    hours: [6, 22],
    merchants: ['HARBOR INN RESERVATIONS', 'SKYBRIDGE AIR 0182', 'COAST RAIL TICKETS'],
  },
];
