/** Generates instants, zones and times of day, mostly near the nights in which clocks change. */
import * as fc from 'fast-check';

/** Zones with changes of half an hour to three hours, at midnight or just after it, negative in winter, or none. */
const timeZones = [
  'UTC',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Africa/Juba',
  'America/Caracas',
  'America/Havana',
  'America/New_York',
  'America/Nuuk',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/Scoresbysund',
  'America/St_Johns',
  'Antarctica/Casey',
  'Antarctica/Troll',
  'Asia/Amman',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Pyongyang',
  'Asia/Tehran',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Europe/Dublin',
  'Europe/London',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Fakaofo',
  'Pacific/Kiritimati',
  'Pacific/Marquesas',
];

const minute = 60_000;
const hour = 60 * minute;
const first = Date.UTC(2000, 0, 1);
const last = Date.UTC(2040, 11, 31);

/** Rare changes that chance would seldom find: a skipped day, a skipped evening and a repeated evening. */
const oddities = [
  { timeZone: 'Pacific/Apia', before: '2011-12-29T00:00Z' },
  { timeZone: 'Pacific/Fakaofo', before: '2011-12-29T00:00Z' },
  { timeZone: 'Asia/Pyongyang', before: '2018-05-04T00:00Z' },
  { timeZone: 'Antarctica/Casey', before: '2010-03-04T00:00Z' },
];

const moments = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      timeZone: fc.constantFrom(...timeZones),
      sometime: fc.integer({ min: first, max: last }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...oddities).map(({ timeZone, before }) => ({
      timeZone,
      sometime: Temporal.Instant.from(before).epochMilliseconds,
    })),
  },
);

/** `times` are times of day, `HH:MM`, mostly near the change. */
type Night = { timeZone: string; now: Temporal.Instant; times: [string, string] };

export const nights: fc.Arbitrary<Night> = moments.chain(({ timeZone, sometime }) => {
  const change = changeAfter(timeZone, sometime);
  return fc.record({
    timeZone: fc.constant(timeZone),
    now: fc
      .oneof(
        { weight: 1, arbitrary: fc.constant(sometime) },
        { weight: 2, arbitrary: near(change.at, 30 * hour, 1) },
        { weight: 2, arbitrary: near(change.at, 3 * hour, minute) },
      )
      .map((at) => Temporal.Instant.fromEpochMilliseconds(at)),
    times: fc.tuple(timesNear(change.shown), timesNear(change.shown)),
  });
});

/** Finds the next change of the clocks, or else `from`. `shown` is the local time then, as if it were UTC. */
function changeAfter(timeZone: string, from: number): { at: number; shown: number } {
  const moment = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone);
  const change = moment.getTimeZoneTransition('next') ?? moment;
  const at = change.epochMilliseconds;
  return { at, shown: at + change.offsetNanoseconds / 1_000_000 };
}

/** Generates instants near `at`; `distance` and its step `unit` are in milliseconds. */
const near = (at: number, distance: number, unit: number): fc.Arbitrary<number> =>
  fc.integer({ min: -distance / unit, max: distance / unit }).map((units) => at + units * unit);

const timesNear = (shown: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 24 * 60 - 1 }).map((minutes) => minutes * minute) },
      { weight: 2, arbitrary: near(shown, 2 * hour, minute) },
      { weight: 1, arbitrary: near(shown, 2 * hour, 15 * minute) },
    )
    .map((at) => new Date(at).toISOString().slice(11, 16));
