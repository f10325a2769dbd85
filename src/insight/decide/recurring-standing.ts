/** Where a recurring charge stands on a day: expected, late or ended. */
import { type Cadence, dayText, dueDay, nearestDue, type Schedule, termsOf } from './recurring-schedule.ts';

/**
 * `suggested`: found in so few charges that the person should confirm it. `late`: the last one due did not come.
 * `ended`: the one after that did not come either.
 */
export const streamStates = ['suggested', 'active', 'late', 'ended'] as const;
export type StreamState = (typeof streamStates)[number];

/** `days`: numbers of the days of all charges, in order. */
type Series = { cadence: Cadence; schedule: Schedule; days: readonly number[]; isSure: boolean };

type Standing = {
  state: StreamState;
  nextDay: string | null;
  missedDay: string | null;
  changesOn: string | null;
};

/** A yearly or quarterly stream ends so many days after the due day that was missed, at the latest. */
const endsAfterDays = 90;

export function standingOf({ cadence, schedule, days, isSure }: Series, today: number): Standing {
  const { toleranceDays } = termsOf[cadence];
  const last = nearestDue(schedule, days.at(-1) ?? 0);
  const [due, following] = [dueDay(schedule, last + 1), dueDay(schedule, last + 2)];
  const lastOnTime = due + toleranceDays;
  if (today <= lastOnTime)
    return {
      state: isSure ? 'active' : 'suggested',
      nextDay: dayText(due),
      missedDay: lastMissed(schedule, days),
      changesOn: dayText(lastOnTime + 1),
    };
  const missedDay = dayText(due);
  const lastAlive = Math.min(following, due + endsAfterDays) + toleranceDays;
  return today <= lastAlive
    ? { state: 'late', nextDay: dayText(following), missedDay, changesOn: dayText(lastAlive + 1) }
    : { state: 'ended', nextDay: null, missedDay, changesOn: null };
}

/** The last due day between two charges that lie two periods apart. Null if no charge was missed. */
function lastMissed(schedule: Schedule, days: readonly number[]): string | null {
  const numbers = days.map((day) => nearestDue(schedule, day));
  const at = numbers.findLastIndex((number, index) => index > 0 && number - (numbers[index - 1] ?? 0) === 2);
  return at < 0 ? null : dayText(dueDay(schedule, (numbers[at] ?? 0) - 1));
}
