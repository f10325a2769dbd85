/** Time zones by their IANA names, as far as this runtime knows them. Offsets are not accepted. */

/** The name in its usual case ("Europe/Berlin"), or null if it is not one. */
export function timeZoneName(text: string): string | null {
  const name = zoneIdOrNull(text);
  // Temporal also accepts offsets and whole dates with a zone. Their id differs from the text, so they are refused.
  return name !== null && /^[A-Za-z]/.test(name) && name.toLowerCase() === text.toLowerCase() ? name : null;
}

function zoneIdOrNull(text: string): string | null {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  } catch {
    return null;
  }
}

/** The offset from UTC of a zone from one change of its clocks to the next, in whole seconds. */
export type OffsetSpan = { zone: string; from: Temporal.Instant; offsetSeconds: number };

/**
 * Lists the offsets of a zone that begin or hold in `[from, to]`, in order of time. Each holds until the next begins,
 * and the last until the zone's next change after `to`.
 */
export function listOffsets(zone: string, from: Temporal.Instant, to: Temporal.Instant): OffsetSpan[] {
  const spans: OffsetSpan[] = [];
  let at: Temporal.ZonedDateTime | null = from.toZonedDateTimeISO(zone);
  while (at && Temporal.Instant.compare(at.toInstant(), to) <= 0) {
    spans.push({ zone, from: at.toInstant(), offsetSeconds: at.offsetNanoseconds / 1e9 });
    at = at.getTimeZoneTransition('next');
  }
  return spans;
}
