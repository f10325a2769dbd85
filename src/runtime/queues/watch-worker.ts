/** Looks at a worker again and again, and calls out once when it is wedged: only a new process helps then. */
import type { Queue } from 'bullmq';
import type { Consumer } from './consumer.ts';
import {
  type Patience,
  patience as usualPatience,
  type Sighting,
  watchStandstill,
} from './stall-watchdog.ts';

const lookEveryMs = 10_000;

export type WatchOptions = {
  /** Whether the store answers; what is seen while it does not says nothing of the worker. */
  isUp: () => boolean;
  onStuck: (seen: Sighting) => void;
  lookEveryMs?: number;
  patience?: Patience;
};

/** Answers what ends the watch. */
export function watchWorker(consumer: Consumer, queue: Queue, options: WatchOptions): () => void {
  let standstill: Parameters<typeof watchStandstill>[0] = null;
  let isLooking = false;
  const look = async () => {
    const seen = await sight(consumer, queue, options.isUp);
    const verdict = watchStandstill(standstill, seen, options.patience ?? usualPatience);
    standstill = verdict.standstill;
    if (!verdict.isStuck) return;
    end();
    options.onStuck(seen);
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => (isLooking = false));
  }, options.lookEveryMs ?? lookEveryMs);
  const end = () => clearInterval(timer);
  return end;
}

async function sight(consumer: Consumer, queue: Queue, isUp: () => boolean): Promise<Sighting> {
  const { waiting, isPaused } = isUp() ? await lookAt(queue) : { waiting: null, isPaused: false };
  return {
    atMs: performance.now(),
    waiting,
    isPaused: isPaused || consumer.isPaused,
    freeSlots: consumer.concurrency - consumer.held,
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
