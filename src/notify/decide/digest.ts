/** Computes when a person's digests are due, by their local day and hour. */
import { localDay } from '../../values/period.ts';
import type { DigestPreferences } from '../../values/preferences.ts';

/**
 * `day`: the digest's local day, `YYYY-MM-DD`. `roll_up`: capped notifications alone, where no digest is due.
 */
export type DueDigest = {
  at: Temporal.Instant;
  day: string;
  type: 'daily_summary' | 'weekly_summary' | 'roll_up';
};

export const defaultDigest: DigestPreferences = { daily: true, weekly: false, at: '08:30' };

const monday = 1;

/** Capped notifications are told every day at the digest's hour: in the daily digest, else in a roll-up. */
export const dailyHours = ({ daily, at }: DigestPreferences): DigestPreferences => ({
  daily,
  weekly: false,
  at,
});

/**
 * The first digest strictly after `after`, on a local day later than `lastDay`. With `dailyHours` it is the one that
 * contains capped notifications. `lastDay`: the last day that a digest was made for, or null. Throws `RangeError` for an unknown zone or time.
 */
export function nextDigest(
  preferences: DigestPreferences,
  timeZone: string,
  after: Temporal.Instant,
  lastDay: string | null,
): DueDigest {
  const [type = 'roll_up'] = typesOf(preferences);
  let day = firstDay(timeZone, after, lastDay);
  for (;;) {
    const at = digestOf(day, type, preferences.at, timeZone);
    if (at && Temporal.Instant.compare(at, after) > 0) return { at, day: day.toString(), type };
    day = day.add({ days: 1 });
  }
}

/** `zoneBefore`: the zone in which `dueBefore` was computed. */
type Move = {
  dueBefore: Temporal.Instant;
  zoneBefore: string;
  now: Temporal.Instant;
  lastDay: string | null;
};

/**
 * The new due time, after a change of preferences or zone, of the digest that was due at `dueBefore`. If the new hour
 * on that day or a later one is already past, the digest is due since then. A change loses no day and no week. Days
 * before that one were served under the old preferences and are not repeated. Throws as `nextDigest` does.
 */
export function movedDigest(
  preferences: DigestPreferences,
  timeZone: string,
  { dueBefore, zoneBefore, now, lastDay }: Move,
): Temporal.Instant {
  const dayBefore = localDay(dueBefore, zoneBefore);
  const [passed] = latestDigests(preferences, timeZone, now, lastDay)
    .filter(({ day }) => day >= dayBefore)
    .map(({ at }) => at)
    .toSorted(Temporal.Instant.compare);
  return passed ?? nextDigest(preferences, timeZone, now, lastDay).at;
}

/**
 * The digests due from `since` to `now`, both included, on local days later than `lastDay`. Only the latest of each
 * kind is returned, so that a backlog of days is sent once. Capped notifications belong to the first digest. If none
 * is due, a roll-up of them may be.
 */
export function dueDigests(
  preferences: DigestPreferences,
  timeZone: string,
  { since, now, lastDay }: { since: Temporal.Instant; now: Temporal.Instant; lastDay: string | null },
): DueDigest[] {
  const dueOf = (wanted: DigestPreferences): DueDigest[] =>
    latestDigests(wanted, timeZone, now, lastDay).filter(
      ({ at }) => Temporal.Instant.compare(at, since) >= 0,
    );
  const due = dueOf(preferences);
  return due.length > 0 ? due : dueOf(dailyHours(preferences));
}

/** The latest digest of each kind, if its local day is later than `lastDay`. */
const latestDigests = (
  preferences: DigestPreferences,
  timeZone: string,
  now: Temporal.Instant,
  lastDay: string | null,
): DueDigest[] =>
  typesOf(preferences)
    .map((type) => latestDigest(type, preferences.at, timeZone, now))
    .filter(({ day }) => lastDay === null || day > lastDay);

function latestDigest(
  type: DueDigest['type'],
  time: string,
  timeZone: string,
  now: Temporal.Instant,
): DueDigest {
  // Tomorrow's hour may be past already: clocks put back over midnight return to the evening before.
  let day = now.toZonedDateTimeISO(timeZone).toPlainDate().add({ days: 1 });
  for (;;) {
    const at = digestOf(day, type, time, timeZone);
    if (at && Temporal.Instant.compare(at, now) <= 0) return { at, day: day.toString(), type };
    day = day.subtract({ days: 1 });
  }
}

function typesOf({ daily, weekly }: DigestPreferences): DueDigest['type'][] {
  if (daily) return weekly ? ['daily_summary', 'weekly_summary'] : ['daily_summary'];
  return weekly ? ['weekly_summary'] : ['roll_up'];
}

/** Starts at yesterday, whose hour may still lie ahead: clocks put forward over midnight move it into today. */
function firstDay(timeZone: string, after: Temporal.Instant, lastDay: string | null): Temporal.PlainDate {
  const yesterday = after.toZonedDateTimeISO(timeZone).toPlainDate().subtract({ days: 1 });
  if (lastDay === null) return yesterday;
  const unmade = Temporal.PlainDate.from(lastDay).add({ days: 1 });
  return Temporal.PlainDate.compare(unmade, yesterday) > 0 ? unmade : yesterday;
}

/**
 * Null if the day has no such digest. An hour that occurs twice counts the first time. A skipped hour is moved
 * later by the length of the gap.
 */
function digestOf(
  day: Temporal.PlainDate,
  type: DueDigest['type'],
  time: string,
  timeZone: string,
): Temporal.Instant | null {
  if (type === 'weekly_summary' && day.dayOfWeek !== monday) return null;
  // Samoa had no 30 December 2011: the first instant of such a day lies in the next.
  if (!day.toZonedDateTime(timeZone).toPlainDate().equals(day)) return null;
  return day.toZonedDateTime({ timeZone, plainTime: time }).toInstant();
}
