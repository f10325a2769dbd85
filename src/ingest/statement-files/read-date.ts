/** Reads the date of a statement row: a day, a local date and time, or an instant. */

/**
 * `day` is the local day, `YYYY-MM-DD`. If the text is only a day, `spentAt` is noon and `from` is the start
 * of the day. Otherwise `from` equals `spentAt`.
 */
export type StatementDate = { day: string; spentAt: Temporal.Instant; from: Temporal.Instant };

/** Undefined if the text is no date. */
export type DateReader = (text: string, timeZone: string) => StatementDate | undefined;

/** The cache size. A file has many rows and few different days. */
const maxKnown = 10_000;

export function createDateReader(): DateReader {
  const known = new Map<string, StatementDate | undefined>();
  return (text, timeZone) => {
    const key = `${text} ${timeZone}`;
    if (!known.has(key)) {
      if (known.size === maxKnown) known.clear();
      known.set(key, readDate(text, timeZone));
    }
    return known.get(key);
  };
}

const dateShape = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const dayLength = 'YYYY-MM-DD'.length;

function readDate(text: string, timeZone: string): StatementDate | undefined {
  const match = dateShape.exec(text);
  if (!match) return undefined;
  try {
    if (text.length === dayLength) return wholeDay(text, timeZone);
    const spentAt = match[1] ? Temporal.Instant.from(text) : localInstant(text, timeZone);
    return { spentAt, from: spentAt, day: spentAt.toZonedDateTimeISO(timeZone).toPlainDate().toString() };
  } catch (error) {
    // The format is right but there is no such date, like 31 February.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function wholeDay(text: string, timeZone: string): StatementDate {
  const date = Temporal.PlainDate.from(text);
  const spentAt = date.toZonedDateTime({ timeZone, plainTime: '12:00' }).toInstant();
  return { spentAt, from: date.toZonedDateTime({ timeZone }).toInstant(), day: text };
}

const localInstant = (text: string, timeZone: string): Temporal.Instant =>
  Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).toInstant();
