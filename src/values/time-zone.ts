/** Time zones by their IANA names, as far as this runtime's tables go. Offsets are no time zones here. */

/** The name in its usual case ("Europe/Berlin"), or null where it is not one. */
export function timeZoneName(text: string): string | null {
  const name = zoneIdOrNull(text);
  // Temporal also reads offsets, and the zone out of a whole date: those come back as something else.
  return name !== null && /^[A-Za-z]/.test(name) && name.toLowerCase() === text.toLowerCase() ? name : null;
}

function zoneIdOrNull(text: string): string | null {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  } catch {
    return null;
  }
}
