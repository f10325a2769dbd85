/** Reads the date of a statement row: a day, a local date and time, or an instant. */
import type { LocalDate } from './date-format.ts';
import { dateInOrder, splitDate } from './date-shapes.ts';
import type { DateOrders } from './dialect/date-survey.ts';

/**
 * `day` is the local day, `YYYY-MM-DD`. If the text is only a day, `spentAt` is noon and `from` is the start
 * of the day. Otherwise `from` equals `spentAt`.
 */
export type StatementDate = { day: string; spentAt: Temporal.Instant; from: Temporal.Instant };

/** Undefined if the text is no date. */
export type DateReader = (text: string, timeZone: string) => StatementDate | undefined;

export type LocalDateReader = (text: string) => LocalDate | undefined;

/** Reads dates whose order was found in the file. */
export const readInOrders =
  (orders: DateOrders): LocalDateReader =>
  (text) => {
    const split = splitDate(text);
    const [only, other] = split?.orders ?? [];
    const order = split && (orders.get(split.shape) ?? (other ? undefined : only));
    const date = order && dateInOrder(split, order);
    return date && { date, time: split.time };
  };

/** The cache size. A file has many rows and few different days. */
const maxKnown = 10_000;

export function createDateReader(readLocal: LocalDateReader): DateReader {
  const known = new Map<string, StatementDate | undefined>();
  return (text, timeZone) => {
    const key = `${text} ${timeZone}`;
    if (!known.has(key)) {
      if (known.size === maxKnown) known.clear();
      const local = readLocal(text);
      known.set(key, local && atTime(local, timeZone));
    }
    return known.get(key);
  };
}

const timeShape =
  /^(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)? ?(?<half>[AaPp]\.?[Mm]\.?)? ?(?<offset>Z|[+-]\d{2}:?\d{2})?$/;

/** Undefined if there is no such time. */
function atTime({ date, time }: LocalDate, timeZone: string): StatementDate | undefined {
  if (time === '') {
    const spentAt = date.toZonedDateTime({ timeZone, plainTime: '12:00' }).toInstant();
    return { spentAt, from: date.toZonedDateTime({ timeZone }).toInstant(), day: date.toString() };
  }
  const { clock, offset } = readClock(time) ?? {};
  if (clock === undefined) return undefined;
  try {
    const spentAt = offset
      ? Temporal.Instant.from(`${date.toString()}T${clock}${offset}`)
      : date.toZonedDateTime({ timeZone, plainTime: clock }).toInstant();
    return { spentAt, from: spentAt, day: spentAt.toZonedDateTimeISO(timeZone).toPlainDate().toString() };
  } catch (error) {
    // The format is right but there is no such time, like 25:00.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readClock(time: string): { clock: string; offset: string | undefined } | undefined {
  const groups = timeShape.exec(time)?.groups;
  const hour = groups && hourOf(groups['hour'] ?? '', groups['half']);
  if (!groups || hour === undefined) return undefined;
  const { minute = '00', second = '00', fraction = '0', offset } = groups;
  return { clock: `${String(hour).padStart(2, '0')}:${minute}:${second}.${fraction}`, offset };
}

/** The hour from 0 to 23; undefined for hours like 13 pm. */
function hourOf(text: string, half: string | undefined): number | undefined {
  const hour = Number(text);
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0);
}
