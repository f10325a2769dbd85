/**
 * A reference model of quiet hours, digests and the interruption policy. It walks from minute to minute and reads
 * the local clock. It shares no code with `src`, only the input types.
 */
import type { InterruptionInput } from '../../../src/notify/decide/interruption.ts';
import type { DigestPreferences, QuietHours } from '../../../src/values/preferences.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  // The Swedish locale formats as "2026-11-10 20:00".
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  clocks.set(timeZone, clock);
  return clock;
}

/** Returns the local time at an instant, as milliseconds of the same time in UTC. */
const shownAt = (timeZone: string, at: number): number =>
  Date.parse(`${clockOf(timeZone).format(at).replace(' ', 'T')}Z`);

const shownDuring = new Map<string, number[]>();

/** Returns the local time in each minute of an hour. Every minute is read unless the hour has no change. */
function shownInHour(timeZone: string, from: number): number[] {
  const key = `${timeZone} ${from}`;
  const known = shownDuring.get(key);
  if (known) return known;
  const minutes = Array.from({ length: 60 }, (_, index) => from + index * minute);
  const first = shownAt(timeZone, from);
  const isEven = shownAt(timeZone, from + 59 * minute) === first + 59 * minute;
  const shown = minutes.map((at) => (isEven ? first + at - from : shownAt(timeZone, at)));
  shownDuring.set(key, shown);
  return shown;
}

/** Returns the local time at `at`, a whole minute. */
function shown(timeZone: string, at: number): number {
  const from = Math.floor(at / hour) * hour;
  return shownInHour(timeZone, from)[(at - from) / minute] ?? Number.NaN;
}

const wholeMinute = (at: number): number => Math.floor(at / minute) * minute;

/** Returns the milliseconds since midnight. */
const timeOf = (shown: number): number => shown % day;
const readTime = (time: string): number => timeOf(Date.parse(`2000-01-01T${time}Z`));

/** Lists each minute of day in the window, one by one. */
function timesIn({ enabled, start, end }: QuietHours): Set<number> {
  const times = new Set<number>();
  if (!enabled) return times;
  for (let time = readTime(start); time !== readTime(end); time = (time + minute) % day) times.add(time);
  return times;
}

/** Returns the end of quiet hours in epoch milliseconds, or null if `now` is not in them. */
export function modelQuietUntil(window: QuietHours, timeZone: string, now: number): number | null {
  const times = timesIn(window);
  const isQuiet = (at: number): boolean => times.has(timeOf(shown(window.timezone ?? timeZone, at)));
  let at = wholeMinute(now);
  if (!isQuiet(at)) return null;
  while (isQuiet(at)) at += minute;
  return at;
}

type ModelDigest = { at: number; day: string; type: string };

/** Finds the next digest by walking through the days, from two days before `after`. */
export function modelNextDigest(
  preferences: DigestPreferences,
  timeZone: string,
  after: number,
  lastDay: string | null,
): ModelDigest {
  const { daily, weekly, at: time } = preferences;
  const type = daily ? 'daily_summary' : weekly ? 'weekly_summary' : 'roll_up';
  const from = wholeMinute(after) - 2 * day;
  const to = (lastDay === null ? after : Math.max(after, Date.parse(lastDay))) + 10 * day;
  for (const [date, at] of timesOfDays(timeZone, from, to, time)) {
    const isMade = lastDay !== null && date <= lastDay;
    const isWanted = type !== 'weekly_summary' || new Date(date).getUTCDay() === 1;
    if (at > after && !isMade && isWanted) return { at, day: date, type };
  }
  throw new Error('no digest in ten days');
}

/** Finds when a capped notification is told: on the first day whose hour comes, whether or not a digest is due then. */
export const modelCappedUntil = (
  { daily, at }: DigestPreferences,
  timeZone: string,
  after: number,
  lastDay: string | null,
): ModelDigest => modelNextDigest({ daily, weekly: false, at }, timeZone, after, lastDay);

/**
 * Finds the instant of `time` on each day. If the clock shows it twice, the first counts. If the clock skips it,
 * the instant is the one at which an unchanged clock would show it.
 */
function timesOfDays(timeZone: string, from: number, to: number, time: string): Map<string, number> {
  const wantedTime = readTime(time);
  const times = new Map<string, number>();
  const days = new Set<number>();
  const leaps: { at: number; over: number; to: number }[] = [];
  let expected = shown(timeZone, from);
  for (let at = from; at < to; at += minute) {
    const now = shown(timeZone, at);
    if (now > expected) leaps.push({ at, over: expected, to: now });
    if (timeOf(now) === wantedTime && !times.has(dateOf(now))) times.set(dateOf(now), at);
    days.add(now - timeOf(now));
    expected = now + minute;
  }
  for (const day of days) {
    const wanted = day + wantedTime;
    const leap = leaps.find(({ over, to }) => over <= wanted && wanted < to);
    if (leap && !times.has(dateOf(day))) times.set(dateOf(day), leap.at + (wanted - leap.over));
  }
  return new Map([...times].sort(([, one], [, other]) => one - other));
}

const dateOf = (shown: number): string => new Date(shown).toISOString().slice(0, 10);

type End = { reason: string; at: bigint };

/** Lists what a notification waits for, the latest end last. */
function modelWaits(input: InterruptionInput, isUrgent: boolean): End[] {
  const { now, snoozedUntil, quietHours, timeZone } = input;
  const quiet = modelQuietUntil(quietHours, timeZone, now.epochMilliseconds);
  const ends: End[] = [];
  if (quiet !== null && !isUrgent) ends.push({ reason: 'quiet_hours', at: BigInt(quiet) * 1_000_000n });
  if (snoozedUntil && snoozedUntil.epochNanoseconds > now.epochNanoseconds)
    ends.push({ reason: 'snoozed', at: snoozedUntil.epochNanoseconds });
  return ends.sort((one, other) => (one.at < other.at ? -1 : Number(one.at > other.at)));
}

/** Returns the decision as one line, as the tests format it: the first obstacle in the documented order. */
export function modelDecision(input: InterruptionInput): string {
  const { channels, cap, digestAt } = input;
  const isUrgent = input.severity === 'critical' && input.criticalInterrupts;
  const waits = modelWaits(input, isUrgent);
  const wait = `defer ${waits.map(({ reason, at }) => `${reason} ${text(at)}`).at(-1)}`;
  const isCeilingReached = channels.some(({ skip }) => skip === 'ceiling');
  const tried = channels.filter(({ skip }) => skip === null).length;
  const obstacles: [boolean, string][] = [
    [input.isMuted, 'in_app_only muted'],
    [waits.some(({ reason }) => reason === 'snoozed'), wait],
    [
      cap !== null && (cap.today >= 30 || (tried === 0 && isCeilingReached)),
      `cap ceiling ${digestAt.toString()}`,
    ],
    [tried === 0, 'in_app_only no_channel'],
    [waits.length > 0, wait],
    [!isUrgent && cap !== null && isQuotaUsed(input, cap), `cap daily_cap ${digestAt.toString()}`],
  ];
  const isCounted = cap !== null && cap.max !== null;
  return obstacles.find(([applies]) => applies)?.[1] ?? (isCounted ? 'send, counted' : 'send');
}

/**
 * Lists the slots that both the rule and the person allow, and takes the last of two or more away from what is not
 * dangerous. Those left are compared with what was used.
 */
function isQuotaUsed(
  { severity, personMax }: InterruptionInput,
  { max, today }: NonNullable<InterruptionInput['cap']>,
): boolean {
  if (max === null) return false;
  const ofRule = Array.from({ length: max }, (_, index) => index);
  const slots = personMax === null ? ofRule : ofRule.filter((slot) => slot < personMax);
  const mayTakeLast = ['danger', 'critical'].includes(severity) || slots.length === 1;
  const open = slots.filter((slot) => slot >= today && (mayTakeLast || slot !== slots.at(-1)));
  return open.length === 0;
}

const text = (at: bigint): string => Temporal.Instant.fromEpochNanoseconds(at).toString();
