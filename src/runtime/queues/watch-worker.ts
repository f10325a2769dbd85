/** Looks at a worker again and again, and calls out once when it is wedged: only a new process helps then. */
import type { Queue } from 'bullmq';
import type { Consumer } from './consumer.ts';
import {
  type StallLimits,
  stallLimits as usualPatience,
  type Observation,
  watchForStall,
} from './stall-watchdog.ts';

const lookEveryMs = 10_000;

export type WatchOptions = {
  /** Whether the store answers; what is seen while it does not says nothing of the worker. */
  isUp: () => boolean;
  onStalled: (seen: Observation) => void;
  lookEveryMs?: number;
  limits?: StallLimits;
};

/** Answers what ends the watch. */
export function watchWorker(consumer: Consumer, queue: Queue, options: WatchOptions): () => void {
  let standstill: Parameters<typeof watchForStall>[0] = null;
  let isLooking = false;
  const look = async () => {
    const seen = await sight(consumer, queue, options.isUp);
    const verdict = watchForStall(standstill, seen, options.limits ?? usualPatience);
    standstill = verdict.standstill;
    if (!verdict.isStuck) return;
    end();
    options.onStalled(seen);
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => (isLooking = false));
  }, options.lookEveryMs ?? lookEveryMs);
  const end = () => clearInterval(timer);
  return end;
}

async function sight(consumer: Consumer, queue: Queue, isUp: () => boolean): Promise<Observation> {
  const { waiting, isPaused } = isUp() ? await lookAt(queue) : { waiting: null, isPaused: false };
  return {
    atMs: performance.now(),
    waiting,
    isPaused: isPaused || consumer.isPaused,
    freeSlots: consumer.concurrency - consumer.activeJobs,
    turnovers: consumer.turnovers,
  };
}

async function lookAt(queue: Queue): Promise<{ waiting: number | null; isPaused: boolean }> {
  try {
    const { waiting = 0, prioritized = 0 } = await queue.getJobCounts('waiting', 'prioritized');
    return { waiting: waiting + prioritized, isPaused: await queue.isPaused() };
  } catch {
    // The store is away, which is on the log already.
    return { waiting: null, isPaused: false };
  }
}
