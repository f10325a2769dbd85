/** Quiet hours: windows of wall-clock time, and when one ends across changes of the clocks. */
import type { QuietHours } from '../../values/preferences.ts';

export const defaultQuietHours: QuietHours = { enabled: true, start: '20:00', end: '08:00', timezone: null };

/**
 * The first later instant outside quiet hours, or null if `now` is outside them. The window's own zone goes before
 * `timeZone`, the person's. Throws `RangeError` for an unknown zone or time.
 */
export function quietUntil(
  window: QuietHours,
  timeZone: string,
  now: Temporal.Instant,
): Temporal.Instant | null {
  let at = now.toZonedDateTimeISO(window.timezone ?? timeZone);
  if (!isQuiet(window, at)) return null;
  // After each change of the clocks the window is checked again: it may be quiet still, again or no longer.
  while (isQuiet(window, at))
    at = earlier(endUnlessClocksChange(window, at), at.getTimeZoneTransition('next'));
  return at.toInstant();
}

/** Whether the wall clock shows a time in `[start, end)`. The window spans midnight if `end` is before `start`. */
function isQuiet({ enabled, start, end }: QuietHours, at: Temporal.ZonedDateTime): boolean {
  const time = at.toPlainTime();
  const hasBegun = Temporal.PlainTime.compare(time, start) >= 0;
  const isOver = Temporal.PlainTime.compare(time, end) >= 0;
  const isOverMidnight = Temporal.PlainTime.compare(start, end) > 0;
  return enabled && (isOverMidnight ? hasBegun || !isOver : hasBegun && !isOver);
}

/** The end of the window at a quiet moment, if no clocks changed before it. */
function endUnlessClocksChange({ end }: QuietHours, at: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const left = at.toPlainTime().until(end);
  return at.add(left.sign < 0 ? left.add({ hours: 24 }) : left);
}

const earlier = (one: Temporal.ZonedDateTime, other: Temporal.ZonedDateTime | null): Temporal.ZonedDateTime =>
  other !== null && Temporal.ZonedDateTime.compare(other, one) < 0 ? other : one;
