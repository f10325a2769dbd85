/**
 * A probe of a queue: a job that is added, read back and removed. It shows that this process can write the queue's keys or
 * rows and read them. It does not show that a worker takes jobs: that shows in the runs of scheduled jobs.
 */
import { randomUUID } from 'node:crypto';
import type { Job, Queue } from 'bullmq';

const beginning = 'probe-';

/** No worker takes the probe before. If its process dies, a worker drops it then. */
const lastsMs = 60_000;

/** True for a probe that its process has left behind. */
export const isProbe = ({ id }: Job): boolean => id?.startsWith(beginning) ?? false;

/** Rejects with the queue's name and a reason without addresses. */
export async function probeQueue(queue: Queue): Promise<void> {
  const id = `${beginning}${randomUUID()}`;
  try {
    const options = { jobId: id, delay: lastsMs, removeOnComplete: true, removeOnFail: true };
    await queue.add('probe', { probe: id }, options);
    const found = await queue.getJob(id);
    await queue.remove(id);
    if (found?.data?.probe !== id) throw new Error('what was added is not there');
  } catch (error) {
    throw new Error(`the queue ${queue.name} takes no jobs: ${reasonOf(error)}`, { cause: error });
  }
}

/** How a server of a cluster answers for keys that are elsewhere, or nowhere. */
const clusterAnswer = /^(?:MOVED|ASK|CLUSTERDOWN|CROSSSLOT|TRYAGAIN)\b/;

function reasonOf(error: unknown): string {
  const { message, code } = Object(error);
  const answer = clusterAnswer.exec(String(message))?.[0];
  if (answer) return `Redis is a cluster (${answer}): let REDIS_URL name a server that is not part of one`;
  return code === undefined ? String(message) : `cannot be reached (${String(code)})`;
}
