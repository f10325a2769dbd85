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
