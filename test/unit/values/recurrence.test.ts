import { describe, expect, test } from 'vitest';
import { occurrencesIn } from '../../../src/values/recurrence/occurrences.ts';
import { parseRecurrence, type Recurrence } from '../../../src/values/recurrence/parse-recurrence.ts';
import { checkOnce, checkRecurringPeriod } from '../../../src/values/recurrence/check-period.ts';
import { modelOccurrences } from '../../support/reference/reference-calendar.ts';

function read(rrule: string): Recurrence {
  const parsed = parseRecurrence(rrule);
  if (!parsed.ok) throw new Error(`${rrule}: ${parsed.message}`);
  return parsed.recurrence;
}

const inYears = (rrule: string, start: string, first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index).flatMap((year) =>
    occurrencesIn(read(rrule), start, year),
  );

/** A generator of numbers that is the same in every run. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
    return (state >>> 8) % below;
  };
}

type Choose = {
  number: (below: number) => number;
  one: <Item>(items: readonly Item[]) => Item;
  list: (items: readonly (string | number)[]) => string;
};

function chooser(seed: number): Choose {
  const number = numbersFrom(seed);
  const one = <Item>(items: readonly Item[]): Item => {
    const item = items[number(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  };
  const list = (items: readonly (string | number)[]): string =>
    [...new Set(Array.from({ length: 1 + number(4) }, () => one(items)))].join(',');
  return { number, one, list };
}

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

function randomWeekdays({ number, one, list }: Choose, nth: readonly string[]): string {
  const named = weekdays.flatMap((day) => [day, `${number(2) === 0 ? one(nth) : ''}${day}`]);
  return `BYDAY=${list(named)}`;
}

const inMonth = ['', '1', '2', '5', '-1', '-5'];
const inYear = ['', '2', '20', '52', '53', '-1', '-53'];

/** The BY parts of a rule, each there or not. */
const byParts: Record<string, (choose: Choose) => string[]> = {
  DAILY: ({ list }) => [`BYMONTH=${list([1, 2, 6, 12])}`, `BYMONTHDAY=${list([1, 8, 29, 31, -1])}`],
  WEEKLY: (choose) => [`BYMONTH=${choose.list([1, 2, 6, 12])}`, randomWeekdays(choose, [''])],
  MONTHLY: (choose) => [
    `BYMONTH=${choose.list([1, 2, 3, 6, 11, 12])}`,
    `BYMONTHDAY=${choose.list([1, 8, 29, 30, 31, -1, -2])}`,
    randomWeekdays(choose, inMonth),
  ],
  YEARLY: (choose) => [
    `BYYEARDAY=${choose.list([1, 60, 365, 366, -1, -100])}`,
    `BYMONTHDAY=${choose.list([1, 8, 29, 30, 31, -1, -2])}`,
    choose.number(2) === 0 ? `BYMONTH=${choose.list([1, 2, 4, 12])}` : randomWeekdays(choose, inYear),
    choose.number(2) === 0
      ? `BYWEEKNO=${choose.list([1, 2, 20, 52, 53, -1, -5])};BYDAY=MO,TH,SU`
      : randomWeekdays(choose, inMonth),
  ],
};

/** No name twice, numbered weekdays not beside weeks, and weeks by number from Monday alone. */
function randomRule(choose: Choose): string {
  const { number, one, list } = choose;
  const frequency = one(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']);
  const offered = byParts[frequency]?.(choose).filter(() => number(2) === 0) ?? [];
  const by = offered.filter(
    (part, index) => index === 0 || !offered.slice(0, index).some((other) => clash(part, other)),
  );
  const isByWeek = by.some((part) => part.startsWith('BYWEEKNO'));
  const extras = [
    `INTERVAL=${one([1, 2, 3, 4, 6, 13])}`,
    ...(by.length > 0 ? [`BYSETPOS=${list([1, 2, 3, -1, -2])}`] : []),
    ...(isByWeek ? [] : [`WKST=${one(weekdays)}`]),
  ];
  return [`FREQ=${frequency}`, ...by, ...extras.filter(() => number(3) === 0)].join(';');
}

const clash = (one: string, other: string): boolean => one.includes('BYDAY') && other.includes('BYDAY');

describe('the occurrences of a recurrence rule', () => {
  test.each([
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-10-30', 2027],
    ['FREQ=WEEKLY;INTERVAL=2', '2026-11-06', 2027],
    ['FREQ=WEEKLY;INTERVAL=4', '2026-11-06', 2028],
    ['FREQ=YEARLY;BYMONTH=1,4,9;BYMONTHDAY=8', '2027-01-08', 2028],
    ['FREQ=WEEKLY;BYDAY=SU', '2026-11-01', 2028],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', '2027-01-31', 2028],
    ['FREQ=MONTHLY;BYMONTHDAY=25', '2026-10-25', 2027],
    ['FREQ=MONTHLY;BYMONTHDAY=15,-1', '2026-11-15', 2027],
    ['FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=6', '2026-04-06', 2027],
    // Weeks that reach over the year's ends, in which positions are counted too.
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU,MO;WKST=SU;BYSETPOS=-1', '2026-11-07', 2027],
    ['FREQ=YEARLY;BYWEEKNO=1,14,27,40;BYDAY=MO', '2026-12-28', 2030],
  ])('are those of the reference calendar, for %s', (rrule, start, year) => {
    expect(inYears(rrule, start, 2026, year)).toEqual(modelOccurrences(rrule, start, `${year + 1}-01-01`));
    expect(inYears(rrule, start, 2026, year).length).toBeGreaterThan(1);
  });

  test('are those of the reference calendar, for 400 rules made at random', () => {
    const choose = chooser(20_261_130);
    let found = 0;
    for (let count = 0; count < 400; count += 1) {
      const rrule = randomRule(choose);
      const year = 2024 + choose.number(5);
      const [start = `${year}-02-15`] = modelOccurrences(rrule, `${year}-02-15`, `${year + 2}-01-01`);
      const first = Number(start.slice(0, 4));
      const expected = modelOccurrences(rrule, start, `${first + 3}-01-01`);
      expect({ rrule, start, days: inYears(rrule, start, first, first + 2) }).toEqual({
        rrule,
        start,
        days: expected,
      });
      found += expected.length;
    }
    expect(found).toBeGreaterThan(10_000);
  });
});

const today = '2026-11-22';
const errorsOf = (rrule: string, start = '2026-11-25') =>
  checkRecurringPeriod({ rrule, start }, today).errors;

describe('a period that recurs', () => {
  test.each([
    ['FREQ=MONTHLY;BYMONTHDAY=25', '2026-11-25'],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-11-30'],
    ['FREQ=WEEKLY;INTERVAL=2', '2026-11-22'],
    ['FREQ=DAILY', '2026-11-22'],
    ['FREQ=DAILY;INTERVAL=400', '2026-11-22'],
    ['FREQ=YEARLY;BYMONTH=1,4,9;BYMONTHDAY=8', '2020-09-08'],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', '2024-02-29'],
    ['FREQ=YEARLY', '1926-11-22'],
    ['FREQ=WEEKLY;BYDAY=SU;WKST=SU', '2199-12-29'],
  ])('is taken: %s from %s', (rrule, start) => {
    expect(checkRecurringPeriod({ rrule, start }, today)).toEqual({ period: { rrule, start }, errors: [] });
  });

  test('is kept in capitals and without the name of its property', () => {
    expect(checkRecurringPeriod({ rrule: 'rrule:freq=weekly;byday=su', start: '2026-11-22' }, today)).toEqual(
      {
        period: { rrule: 'FREQ=WEEKLY;BYDAY=SU', start: '2026-11-22' },
        errors: [],
      },
    );
  });

  test.each([
    ['', 'parts are NAME=VALUE'],
    ['FREQ=FORTNIGHTLY', 'FREQ is required'],
    ['INTERVAL=2', 'FREQ is required'],
    ['FREQ=HOURLY', 'FREQ is required'],
    ['FREQ=MINUTELY;INTERVAL=1440', 'FREQ is required'],
    ['FREQ=DAILY;COUNT=10', 'COUNT'],
    ['FREQ=DAILY;UNTIL=20301231', 'UNTIL'],
    ['FREQ=DAILY;BYHOUR=0', 'BYHOUR'],
    ['FREQ=DAILY;BYMINUTE=0', 'BYMINUTE'],
    ['FREQ=DAILY;BYSECOND=0', 'BYSECOND'],
    ['DTSTART:20261125\nRRULE:FREQ=DAILY', 'NAME=VALUE'],
    ['FREQ=DAILY\nFREQ=DAILY', 'NAME=VALUE'],
    ['FREQ=DAILY\n', 'NAME=VALUE'],
    ['FREQ=DAILY;', 'NAME=VALUE'],
    [' FREQ=DAILY', 'NAME=VALUE'],
    ['FREQ=DAILY;FREQ=DAILY', 'twice'],
    ['FREQ=DAILY;X-NAME=1', 'NAME=VALUE'],
    ['FREQ=DAILY;RSCALE=HEBREW', 'not known'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=-1', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=9999999999', 'INTERVAL'],
    ['FREQ=MONTHLY;BYMONTHDAY=99', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYMONTH=-1', 'BYMONTH'],
    ['FREQ=MONTHLY;BYDAY=XX', 'BYDAY'],
    ['FREQ=MONTHLY;BYDAY=0MO', 'BYDAY'],
    ['FREQ=YEARLY;BYDAY=54MO', 'BYDAY'],
    ['FREQ=WEEKLY;BYDAY=1MO', 'BYDAY'],
    ['FREQ=WEEKLY;BYMONTHDAY=1', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYYEARDAY=1', 'BYYEARDAY'],
    ['FREQ=MONTHLY;BYWEEKNO=1', 'BYWEEKNO'],
    ['FREQ=YEARLY;BYWEEKNO=1;WKST=SU', 'BYWEEKNO'],
    ['FREQ=MONTHLY;BYSETPOS=1', 'BYSETPOS'],
    ['FREQ=WEEKLY;WKST=XX', 'WKST'],
    // Too far apart, or never.
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', 'within 400 days'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'within 400 days'],
    ['FREQ=YEARLY;INTERVAL=2', 'within 400 days'],
    ['FREQ=YEARLY;INTERVAL=100', 'within 400 days'],
    ['FREQ=DAILY;INTERVAL=401', 'within 400 days'],
    ['FREQ=DAILY;INTERVAL=999999999', 'within 400 days'],
    ['FREQ=YEARLY;INTERVAL=999999999', 'within 400 days'],
    ['FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR;BYMONTH=2', 'within 400 days'],
  ])('is refused: %s', (rrule, message) => {
    const [error, ...others] = errorsOf(rrule).filter(({ member }) => member === 'rrule');
    expect(error?.message).toContain(message);
    expect(others).toEqual([]);
  });

  test('is refused with more than 500 characters', () => {
    const [error] = errorsOf(`FREQ=MONTHLY;BYMONTHDAY=${'25,'.repeat(160)}25`);
    expect(error).toEqual({ member: 'rrule', message: expect.stringContaining('500 characters') });
  });

  test.each([
    ['FREQ=MONTHLY;BYMONTHDAY=25', '2026-11-24', 'like 2026-11-25'],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-10-25', 'like 2026-10-30'],
    ['FREQ=WEEKLY;BYDAY=SU', '2026-11-23', 'like 2026-11-29'],
    ['FREQ=DAILY', '1899-12-31', '1900 to 2200'],
    ['FREQ=DAILY', '2201-01-01', '1900 to 2200'],
  ])('is refused for a start that is no day of it: %s from %s', (rrule, start, message) => {
    expect(errorsOf(rrule, start)).toEqual([{ member: 'start', message: expect.stringContaining(message) }]);
  });

  test('is checked within a quarter of a second, whatever the rule', () => {
    const days = Array.from({ length: 120 }, (_, index) => index + 1).join(',');
    const hostile = [
      `FREQ=YEARLY;BYYEARDAY=${days}`,
      `FREQ=YEARLY;BYYEARDAY=${days};BYSETPOS=-1`,
      `FREQ=DAILY;BYDAY=${'MO,'.repeat(150)}MO`,
      'FREQ=DAILY',
      'FREQ=DAILY;INTERVAL=999999999;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=YEARLY;INTERVAL=999999999;BYDAY=-53SU',
    ];
    const slowest = hostile.map((rrule) => {
      const before = performance.now();
      errorsOf(rrule, '1900-01-01');
      return performance.now() - before;
    });
    expect(Math.max(...slowest)).toBeLessThan(250);
  });
});

describe('a period alone', () => {
  test.each([
    ['2026-12-01', '2026-12-02'],
    ['2028-02-28', '2028-03-01'],
    ['2026-01-01', '2036-01-09'],
  ])('is taken from %s to %s', (start, end) => {
    expect(checkOnce({ start, end })).toEqual({ period: { start, end }, errors: [] });
  });

  test.each([
    ['2026-12-01', '2026-12-01', 'end', 'after the start'],
    ['2026-12-02', '2026-12-01', 'end', 'after the start'],
    ['2026-01-01', '2036-01-10', 'end', '3660 days'],
    ['1899-12-31', '1900-01-02', 'start', '1900 to 2200'],
    ['2200-12-30', '2201-01-01', 'end', '1900 to 2200'],
  ] as const)('is refused from %s to %s', (start, end, member, message) => {
    expect(checkOnce({ start, end }).errors).toEqual([{ member, message: expect.stringContaining(message) }]);
  });
});
