/** Plays the live month: the clock steps with the expenses, and stands still until all resulting work is done. */
import type { SteppedClock } from '../runtime/clock.ts';
import type { Scheduler } from '../operate/scheduler.ts';
import type { Progress } from '../cli/progress.ts';
import type { LiveStep, PostedEvent, Replay } from './replay.ts';

export type LiveService = {
  clock: SteppedClock;
  scheduler: Pick<Scheduler, 'tick'>;
  post(events: readonly PostedEvent[]): Promise<unknown>;
  /** Resolves to true if a scheduled job has work that is due. */
  isDue(): Promise<boolean>;
  settled(): Promise<void>;
};

/** `progress` counts events and not days, because a statement may have most of its rows on one day. */
export async function playMonth(
  service: LiveService,
  { end, steps, tenant }: Pick<Replay, 'end' | 'steps' | 'tenant'>,
  progress: Progress,
): Promise<void> {
  let posted = 0;
  const show = (): void =>
    progress.update(posted, `events  ${dateTime(service.clock.now(), tenant.timezone)}`);
  for (const step of [...steps, { at: end, events: [] }]) {
    for (const hour of hoursBetween(service.clock.now(), step.at)) {
      await stepTo(service, { at: hour, events: [] });
      show();
    }
    await stepTo(service, step);
    posted += step.events.length;
    show();
  }
}

/**
 * Enqueues the scheduled jobs, if they have work, before it posts the expenses. Then it waits for both together: their
 * order makes no difference to the notifications.
 */
async function stepTo(service: LiveService, { at, events }: LiveStep): Promise<void> {
  const { clock, scheduler, isDue, post, settled } = service;
  const isLater = Temporal.Instant.compare(clock.now(), at) < 0;
  clock.moveTo(at);
  const jobs = isLater && (await isDue()) ? await scheduler.tick() : 0;
  if (events.length > 0) await post(events);
  if (jobs + events.length > 0) await settled();
}

/** The full hours strictly between the hour of `from` and the hour of `to`, so that work due at night happens at night. */
function* hoursBetween(from: Temporal.Instant, to: Temporal.Instant): Generator<Temporal.Instant> {
  const last = startOfHour(to);
  let hour = startOfHour(from).add({ hours: 1 });
  for (; Temporal.Instant.compare(hour, last) < 0; hour = hour.add({ hours: 1 })) yield hour;
}

const startOfHour = (at: Temporal.Instant): Temporal.Instant =>
  at.round({ smallestUnit: 'hour', roundingMode: 'floor' });

/** `2026-10-14 18:00` in the zone. */
export const dateTime = (at: Temporal.Instant, timeZone: string): string =>
  at.toZonedDateTimeISO(timeZone).toPlainDateTime().toString({ smallestUnit: 'minute' }).replace('T', ' ');
