/** When a person wants quiet: windows of wall-clock time, and when one ends whatever the clocks do. */
import type { QuietHours } from '../../values/preferences.ts';

export const defaultQuietHours: QuietHours = { enabled: true, start: '20:00', end: '08:00', timezone: null };

/**
 * The first later instant that is not quiet; null where `now` is not. `timeZone` is the person's; the
 * window's own goes first. Throws `RangeError` for a zone or a time that there is not.
 */
export function quietUntil(
  window: QuietHours,
  timeZone: string,
  now: Temporal.Instant,
): Temporal.Instant | null {
  let at = now.toZonedDateTimeISO(window.timezone ?? timeZone);
  if (!isQuiet(window, at)) return null;
  // What follows a change of the clocks is looked at afresh: it may be quiet still, or again, or not any more.
  while (isQuiet(window, at))
    at = earlier(endUnlessClocksChange(window, at), at.getTimeZoneTransition('next'));
  return at.toInstant();
}

/** Whether the wall clock shows a time in `[start, end)`. Over midnight where the end is the earlier one. */
function isQuiet({ enabled, start, end }: QuietHours, at: Temporal.ZonedDateTime): boolean {
  const time = at.toPlainTime();
  const hasBegun = Temporal.PlainTime.compare(time, start) >= 0;
  const isOver = Temporal.PlainTime.compare(time, end) >= 0;
  const isOverMidnight = Temporal.PlainTime.compare(start, end) > 0;
  return enabled && (isOverMidnight ? hasBegun || !isOver : hasBegun && !isOver);
}

/** Of a quiet moment: when its window would be over if no clocks changed before. */
function endUnlessClocksChange({ end }: QuietHours, at: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const left = at.toPlainTime().until(end);
  return at.add(left.sign < 0 ? left.add({ hours: 24 }) : left);
}

const earlier = (one: Temporal.ZonedDateTime, other: Temporal.ZonedDateTime | null): Temporal.ZonedDateTime =>
  other !== null && Temporal.ZonedDateTime.compare(other, one) < 0 ? other : one;
