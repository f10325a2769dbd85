/** When a person's digests are due: by their local day and hour. */
import { localDay } from '../../values/period.ts';
import type { DigestPreferences } from '../../values/preferences.ts';

/** `day`: the local day it is of, `YYYY-MM-DD`. `roll_up`: of who wants no digests, with what was capped alone. */
export type DueDigest = {
  at: Temporal.Instant;
  day: string;
  type: 'daily_summary' | 'weekly_summary' | 'roll_up';
};

export const defaultDigest: DigestPreferences = { daily: true, weekly: false, at: '08:30' };

const monday = 1;

/**
 * The first digest strictly after `after` that tells what was capped, on a local day later than `lastDay`
 * (the last day one was made; null: none). Throws `RangeError` for a zone or a time that there is not.
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

/** `zoneBefore`: the one that `dueBefore` was worked out in. */
type Move = {
  dueBefore: Temporal.Instant;
  zoneBefore: string;
  now: Temporal.Instant;
  lastDay: string | null;
};

/**
 * When the digest that was due at `dueBefore` is due after a change of preferences or zone. Where its hour on that
 * day, or on a later one, has moved behind `now` it is due since then: no day, and no week, is lost by a change. An
 * hour of a day before that had come at the old one, and does not come again. Throws as `nextDigest` does.
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
 * What has come due from `since` to `now`, both included, on local days later than `lastDay`: of each kind the
 * latest alone, so that whoever was away for days is told once. What was capped belongs to the first of them.
 */
export const dueDigests = (
  preferences: DigestPreferences,
  timeZone: string,
  { since, now, lastDay }: { since: Temporal.Instant; now: Temporal.Instant; lastDay: string | null },
): DueDigest[] =>
  latestDigests(preferences, timeZone, now, lastDay).filter(
    ({ at }) => Temporal.Instant.compare(at, since) >= 0,
  );

/** Of each kind, where that lies on a local day later than `lastDay`. */
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
  // Tomorrow's may have come: clocks put back over midnight return to the evening before.
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

/** Yesterday's may be still to come: clocks put forward over midnight move its hour into today. */
function firstDay(timeZone: string, after: Temporal.Instant, lastDay: string | null): Temporal.PlainDate {
  const yesterday = after.toZonedDateTimeISO(timeZone).toPlainDate().subtract({ days: 1 });
  if (lastDay === null) return yesterday;
  const unmade = Temporal.PlainDate.from(lastDay).add({ days: 1 });
  return Temporal.PlainDate.compare(unmade, yesterday) > 0 ? unmade : yesterday;
}

/** Null where the day has none. Of an hour lived twice, the first; one left out comes that much later. */
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
