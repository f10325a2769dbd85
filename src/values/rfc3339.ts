/**
 * Parses RFC 3339 instants: `T` and `Z` in either case, leap seconds allowed, the offset required. Precision is
 * microseconds, as in PostgreSQL. https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */

const instant = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;
const maxFractionDigits = 6;
const secondsADay = 86_400;

/** Null if `text` is no such instant. Digits finer than a microsecond are cut off. */
export function parseInstant(text: string): Temporal.Instant | null {
  const match = instant.exec(text);
  if (!match) return null;
  const [, day, minute, second, fraction = '', offset] = match;
  const isFiner = fraction.length > maxFractionDigits;
  const kept = isFiner ? `${day}T${minute}:${second}.${fraction.slice(0, maxFractionDigits)}${offset}` : text;
  const parsed = instantOrNull(kept);
  return parsed && second === '60' && !isLastSecondOfDay(parsed) ? null : parsed;
}

/** A leap second ends a UTC day, in whatever offset it is written. It is read as the second before. */
const isLastSecondOfDay = (parsed: Temporal.Instant): boolean =>
  Math.floor(parsed.epochMilliseconds / 1000) % secondsADay === secondsADay - 1;

function instantOrNull(text: string): Temporal.Instant | null {
  try {
    return Temporal.Instant.from(text);
  } catch {
    return null;
  }
}
