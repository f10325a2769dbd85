/**
 * The clock: every 15 seconds it claims the slots of scheduled jobs that are due and rings for them. Any
 * number of clocks run side by side; the unique rows of the slots decide which of them gets which.
 */
import { type RunCoordinator, type ScheduledTask, schedule as scheduleTask } from 'node-cron';
import type { Clock } from '../runtime/clock.ts';
import type { Database } from '../runtime/database/database.ts';
import { claimSlots, type JobSlot } from './claim-slots.ts';
import { findUnfinishedRuns } from './find-unfinished.ts';
import { checkSchedule, type Schedule } from './cron-slots.ts';
import type { Log } from '../runtime/log.ts';
import type { Queues } from '../runtime/queues/queues.ts';
import { scheduledJobs } from '../runtime/queues/scheduled-jobs.ts';

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
  /** The tick under way, from asking whether it is this process's to having rung for it. */
  #underWay = settled();
  #claimed: JobSlot[] = [];

  /** Throws `RangeError` for a schedule that could not be kept. */
  constructor(deps: SchedulerDependencies) {
    for (const job of deps.jobs) checkSchedule(job);
    this.#deps = deps;
    this.#log = deps.log.child({ component: 'scheduler' });
  }

  /** Ticks at once, for what was missed while no clock ran, and then at every quarter of a minute of the machine's clock. */
  start(): void {
    if (this.#task) return;
    this.#starting = this.#firstTick();
    this.#task = scheduleTask('*/15 * * * * *', () => this.#ring(this.#claimed), {
      name: 'scheduled-jobs',
      timezone: 'UTC',
      distributed: true,
      runCoordinator: this.#coordinator,
      noOverlap: true,
      // Slots are judged by comparing, so a late tick is as good as one on time.
      missedExecutionTolerance: 14_000,
      logger: cronLog(this.#log),
    });
  }

  /** Resolves once no tick is under way, and none will follow. */
  async stop(): Promise<void> {
    await this.#task?.destroy();
    this.#task = null;
    await Promise.all([this.#starting, this.#underWay.promise]);
  }

  /** One step: claims the slots due by the service's clock and rings for them; answers how many it got. */
  async tick(): Promise<number> {
    const claimed = await this.#claim();
    await this.#ring(claimed);
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
   * A process runs a tick when it got at least one of its slots. A claim that fails is logged by
   * node-cron, which then leaves the tick out: the next one finds the same slots still due.
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

  #claim(): Promise<JobSlot[]> {
    const { db, jobs, clock } = this.#deps;
    return claimSlots(db.sql, jobs, clock.now());
  }

  /** Rings for slots just claimed, and again for runs that died or that nobody has taken up. */
  async #ring(claimed: readonly JobSlot[]): Promise<void> {
    const { db, queues, clock } = this.#deps;
    await queues.enqueue(scheduledJobs, claimed.map(toPayload));
    const unfinished = await findUnfinishedRuns(db.sql, clock.now());
    await queues.enqueueAgain(scheduledJobs, unfinished.map(toPayload));
  }
}

const toPayload = ({ job, slot }: JobSlot) => ({ job, slot: slot.toString() });

function settled(): PromiseWithResolvers<void> {
  const tick = Promise.withResolvers<void>();
  tick.resolve();
  return tick;
}

/** node-cron's errors come as a message, an error, or both. */
const cronLog = (log: Log) => ({
  info: (message: string) => log.info(message),
  warn: (message: string) => log.warn(message),
  debug: (message: string | Error) => log.debug(String(message)),
  error: (message: string | Error, err?: Error) =>
    log.error({ err: message instanceof Error ? message : err }, String(message)),
});
