/** The stall watchdog: observes a worker regularly and reports once if it is stalled. Only a new process helps then. */
import type { Queue } from 'bullmq';
import type { Consumer } from './consumer.ts';
import {
  type StallLimits,
  stallLimits as defaultLimits,
  type Observation,
  watchForStall,
} from './stall-watchdog.ts';

const lookEveryMs = 10_000;

export type WatchOptions = {
  /** Says whether the store answers; an observation while it does not proves nothing about the worker. */
  isUp: () => boolean;
  onStalled: (seen: Observation) => void;
  lookEveryMs?: number;
  limits?: StallLimits;
};

/** Returns a function that ends the watch. */
export function watchWorker(consumer: Consumer, queue: Queue, options: WatchOptions): () => void {
  let state: Parameters<typeof watchForStall>[0] = null;
  let isLooking = false;
  const look = async () => {
    const seen = await observe(consumer, queue, options.isUp);
    const verdict = watchForStall(state, seen, options.limits ?? defaultLimits);
    state = verdict.state;
    if (!verdict.isStalled) return;
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

async function observe(consumer: Consumer, queue: Queue, isUp: () => boolean): Promise<Observation> {
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
    // The store is away, which is logged already.
    return { waiting: null, isPaused: false };
  }
}
