/**
 * The slots of a cron schedule: the instants at which a job is due. The slots left to run follow from the latest
 * claimed slot and the time. The unique rows of `claim-slots.ts` decide which scheduler gets them.
 */
import { CronExpressionParser } from 'cron-parser';

/** The schedule of a job. `cron`: five fields, or six with the second first, in UTC. */
export type Schedule = {
  name: string;
  cron: string;
  /** The most missed slots that run after a time without a scheduler: the newest ones, oldest first. */
  catchUp: number;
  /** Short, and never kept waiting by longer jobs. */
  isUrgent?: boolean;
};

/** The most by which clocks of machines may differ. A time further ahead was written by a clock that was wrong. */
export const clocksDiffer = { minutes: 1 } as const;

/** Digits only. With names, nicknames or `H` (a random slot in each process) schedulers could disagree. */
const fields = /^[\d*,/-]+( [\d*,/-]+){4,5}$/;

/** Throws `RangeError` for a schedule that would never run, or that processes might read differently. */
export function checkSchedule({ name, cron, catchUp }: Schedule): void {
  if (!fields.test(cron)) throw new RangeError(`job ${name}: "${cron}" is not five or six fields of numbers`);
  if (!Number.isInteger(catchUp) || catchUp < 1)
    throw new RangeError(`job ${name}: catchUp ${catchUp} is not a whole number from 1 up`);
  try {
    CronExpressionParser.parse(cron, { tz: 'UTC' });
  } catch (cause) {
    throw new RangeError(`job ${name}: "${cron}" is never due`, { cause });
  }
}

/**
 * The slots in `(after, now]`, at most the `catchUp` newest, oldest first. `after` is the latest claimed slot. Null,
 * for a job that has never run, gives only the newest slot.
 */
export function dueSlots(
  cron: string,
  after: Temporal.Instant | null,
  now: Temporal.Instant,
  catchUp: number,
): Temporal.Instant[] {
  const backwards = CronExpressionParser.parse(cron, { tz: 'UTC', currentDate: nextSecond(now) });
  const slots: Temporal.Instant[] = [];
  const wanted = after === null ? 1 : catchUp;
  while (slots.length < wanted) {
    const slot = Temporal.Instant.fromEpochMilliseconds(backwards.prev().getTime());
    if (after !== null && Temporal.Instant.compare(slot, after) <= 0) break;
    slots.unshift(slot);
  }
  return slots;
}

/** Milliseconds: the longest time between two of the last four slots. */
export function intervalOf(cron: string, now: Temporal.Instant): number {
  const slots = dueSlots(cron, Temporal.Instant.fromEpochMilliseconds(0), now, 4);
  const times = slots.map(({ epochMilliseconds }) => epochMilliseconds);
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}

/** Slots are whole seconds, so the slots before the next second are those at or before `now`. */
function nextSecond(now: Temporal.Instant): Date {
  const second = now.round({ smallestUnit: 'second', roundingMode: 'floor' });
  return new Date(second.add({ seconds: 1 }).epochMilliseconds);
}
