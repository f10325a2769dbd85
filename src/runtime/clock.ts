/**
 * The only source of "now". Decisions take an instant from here as an argument; nothing else reads the machine's
 * clock.
 */
export type Clock = { now(): Temporal.Instant };

/** The machine's clock, shifted by `offsetMs`; the setting CLOCK_START makes an offset. */
export const systemClock = (offsetMs = 0): Clock => ({
  // Every request asks for the time, and adding nothing took 3 % of the web process.
  now: () =>
    offsetMs === 0 ? Temporal.Now.instant() : Temporal.Now.instant().add({ milliseconds: offsetMs }),
});

/** The machine's time. Credentials and their record are judged by it, whatever the service's clock shows. */
export const machineNow = (): Temporal.Instant => Temporal.Now.instant();

/** The machine's time when `clock` shows `at`, or now if that is past. For timers and tokens. */
export function machineTime(at: Temporal.Instant, clock: Clock): Temporal.Instant {
  const waitMs = Math.max(0, at.epochMilliseconds - clock.now().epochMilliseconds);
  return Temporal.Now.instant().add({ milliseconds: waitMs });
}

/** A clock that moves only when it is moved, for the demo and tests. It never goes back. */
export class SteppedClock implements Clock {
  #now: Temporal.Instant;

  constructor(start: Temporal.Instant | string) {
    this.#now = Temporal.Instant.from(start);
  }

  now(): Temporal.Instant {
    return this.#now;
  }

  advance(duration: Temporal.DurationLike): Temporal.Instant {
    return this.moveTo(this.#now.add(duration));
  }

  /** Moves forward to `instant`; an earlier instant changes nothing. */
  moveTo(instant: Temporal.Instant): Temporal.Instant {
    if (Temporal.Instant.compare(instant, this.#now) > 0) this.#now = instant;
    return this.#now;
  }
}
