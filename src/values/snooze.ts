/** Snoozes as people ask for them: until an instant, a day or the end of a rule's period. */
import { type BudgetPeriod, localDay, periodContaining, startOfDay } from './period.ts';
import { parseInstant } from './rfc3339.ts';

/** A day means until it begins in the person's time zone. */
export type Snooze = Temporal.Instant | Temporal.PlainDate;
export type RuleSnooze = Snooze | 'period_end';

/** The request: the person's time zone and the time. */
type Asked = { timeZone: string; now: Temporal.Instant };

const day = /^\d{4}-\d\d-\d\d$/;
/** The last second that RFC 3339 can express in UTC. */
const latest = Temporal.Instant.from('9999-12-31T23:59:59Z');

/** Parses an RFC 3339 instant or a day, `YYYY-MM-DD`. Null if `text` is neither. */
export function parseSnooze(text: string): Snooze | null {
  if (day.test(text)) return dayOrNull(text);
  const instant = parseInstant(text);
  return instant && Temporal.Instant.compare(instant, latest) <= 0 ? instant : null;
}

/** Parses as `parseSnooze`, and accepts `period_end` too. */
export const parseRuleSnooze = (text: string): RuleSnooze | null =>
  text === 'period_end' ? text : parseSnooze(text);

/** The instant when the snooze ends; null if that has passed. */
export function snoozeInstant(snooze: Snooze, { timeZone, now }: Asked): Temporal.Instant | null {
  const until = snooze instanceof Temporal.Instant ? snooze : startOfDay(snooze.toString(), timeZone);
  return stillAhead(until, now);
}

/** As `snoozeInstant`; `period_end` lasts until the rule's current period ends. Null if it has none. */
export function ruleSnoozeInstant(
  snooze: RuleSnooze,
  period: BudgetPeriod,
  asked: Asked,
): Temporal.Instant | null {
  if (snooze !== 'period_end') return snoozeInstant(snooze, asked);
  const current = periodContaining(period, localDay(asked.now, asked.timeZone));
  return current && startOfDay(current.end, asked.timeZone);
}

/** The end of a snooze that is active at `now`, else null. */
export const stillAhead = (until: Temporal.Instant | null, now: Temporal.Instant): Temporal.Instant | null =>
  until && Temporal.Instant.compare(until, now) > 0 ? until : null;

function dayOrNull(text: string): Temporal.PlainDate | null {
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    return null;
  }
}
