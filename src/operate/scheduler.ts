/**
 * The scheduler: every 15 seconds it claims the due slots of scheduled jobs and enqueues them. Any number of
 * schedulers may run; the unique rows of the slots decide which scheduler gets a slot.
 */
import { type RunCoordinator, type ScheduledTask, schedule as scheduleTask } from 'node-cron';
import type { Clock } from '../runtime/clock.ts';
import type { Database } from '../runtime/database/database.ts';
import { claimSlots, type JobSlot } from './claim-slots.ts';
import { findUnfinishedRuns } from './find-unfinished.ts';
import { checkSchedule, type Schedule } from './cron-slots.ts';
import type { Log } from '../runtime/log.ts';
import type { Queues } from '../runtime/queues/enqueue.ts';
import { scheduledJobs, urgentJobs } from '../runtime/queues/scheduled-jobs.ts';

type SchedulerDependencies = {
  db: Pick<Database, 'sql'>;
  queues: Pick<Queues, 'enqueue' | 'enqueueAgain'>;
  clock: Clock;
  log: Log;
  jobs: readonly Schedule[];
};

export class Scheduler {
  readonly #deps: SchedulerDependencies;
  readonly #log: Log;
  #task: ScheduledTask | null = null;
  #starting: Promise<void> = Promise.resolve();
  /** The current tick, from the claim of its slots until they are enqueued. */
  #underWay = settled();
  #claimed: JobSlot[] = [];
  /** One line in the log is enough: `doctor` shows the slots for as long as they lie ahead. */
  #hasWarned = false;

  /** Throws `RangeError` for an invalid schedule. */
  constructor(deps: SchedulerDependencies) {
    for (const job of deps.jobs) checkSchedule(job);
    this.#deps = deps;
    this.#log = deps.log.child({ component: 'scheduler' });
  }

  /** Ticks at once, for slots missed while no scheduler ran. Then it ticks every 15 seconds of the machine's clock. */
  start(): void {
    if (this.#task) return;
    this.#starting = this.#firstTick();
    this.#task = scheduleTask('*/15 * * * * *', () => this.#enqueue(this.#claimed), {
      name: 'scheduled-jobs',
      timezone: 'UTC',
      distributed: true,
      runCoordinator: this.#coordinator,
      noOverlap: true,
      // Due slots are found by comparison with the latest claimed one, so a late tick does no harm.
      missedExecutionTolerance: 14_000,
      logger: cronLog(this.#log),
    });
  }

  /** Resolves once the current tick has ended; no other follows. */
  async stop(): Promise<void> {
    await this.#task?.destroy();
    this.#task = null;
    await Promise.all([this.#starting, this.#underWay.promise]);
  }

  /** One step: claims the slots due by the service's clock and enqueues them. Returns the number it got. */
  async tick(): Promise<number> {
    const claimed = await this.#claim();
    await this.#enqueue(claimed);
    return claimed.length;
  }

  async #firstTick(): Promise<void> {
    try {
      await this.tick();
    } catch (err) {
      this.#log.error({ err }, 'could not claim slots; tried again at the next tick');
    }
  }

  /**
   * A process runs a tick only if it got at least one slot. If a claim fails, node-cron logs it and skips the tick;
   * the next tick finds the same slots still due.
   */
  readonly #coordinator: RunCoordinator = {
    shouldRun: async () => {
      this.#underWay = Promise.withResolvers<void>();
      try {
        this.#claimed = await this.#claim();
      } catch (error) {
        this.#underWay.resolve();
        throw error;
      }
      if (this.#claimed.length === 0) this.#underWay.resolve();
      return this.#claimed.length > 0;
    },
    onComplete: () => this.#underWay.resolve(),
  };

  async #claim(): Promise<JobSlot[]> {
    const { db, jobs, clock } = this.#deps;
    const { slots, ahead } = await claimSlots(db.sql, jobs, clock.now());
    if (ahead && !this.#hasWarned) {
      const { job, slot } = ahead;
      this.#log.warn({ job, slot: slot.toString() }, 'a slot is later than now: some clock is or was wrong');
      this.#hasWarned = true;
    }
    return slots;
  }

  /** Enqueues the slots just claimed, and again the runs that died or that no worker has begun. */
  async #enqueue(claimed: readonly JobSlot[]): Promise<void> {
    const { db, queues, clock } = this.#deps;
    const due = this.#partition(claimed);
    await queues.enqueue(urgentJobs, due.urgent);
    await queues.enqueue(scheduledJobs, due.others);
    const unfinished = this.#partition(await findUnfinishedRuns(db.sql, clock.now()));
    await queues.enqueueAgain(urgentJobs, unfinished.urgent);
    await queues.enqueueAgain(scheduledJobs, unfinished.others);
  }

  #partition(slots: readonly JobSlot[]): { urgent: SlotPayload[]; others: SlotPayload[] } {
    const urgent = new Set(this.#deps.jobs.filter(({ isUrgent }) => isUrgent).map(({ name }) => name));
    const isUrgent = ({ job }: SlotPayload): boolean => urgent.has(job);
    const payloads = slots.map(toPayload);
    return { urgent: payloads.filter(isUrgent), others: payloads.filter((each) => !isUrgent(each)) };
  }
}

type SlotPayload = { job: string; slot: string };

const toPayload = ({ job, slot }: JobSlot): SlotPayload => ({ job, slot: slot.toString() });

function settled(): PromiseWithResolvers<void> {
  const tick = Promise.withResolvers<void>();
  tick.resolve();
  return tick;
}

/** node-cron logs an error as a message, an `Error` or both. */
const cronLog = (log: Log) => ({
  info: (message: string) => log.info(message),
  warn: (message: string) => log.warn(message),
  debug: (message: string | Error) => log.debug(String(message)),
  error: (message: string | Error, err?: Error) =>
    log.error({ err: message instanceof Error ? message : err }, String(message)),
});
