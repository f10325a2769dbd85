/** The guarantees of the queues when a worker dies, hangs or stops, and when the store is away; on every store. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { done, type JobOutcome } from '../../../src/runtime/queues/outcome.ts';
import type { Consumer } from '../../../src/runtime/queues/consumer.ts';
import { watchWorker } from '../../../src/runtime/queues/watch-worker.ts';
import { onEveryStore, payload, scripted, soon } from '../../support/worlds/queue-world.ts';
import { scheduledJobs } from '../../../src/runtime/queues/scheduled-jobs.ts';

onEveryStore((at) => {
  it('give the job of a silent worker to another in less than 15 seconds', async () => {
    const proxy = await at.world.wire();
    const [lost, other] = [await at.world.join(proxy), await at.world.join()];
    const { promise: never } = Promise.withResolvers<JobOutcome>();
    let started = 0;
    lost.run(() => {
      started += 1;
      return never;
    });
    await other.queues.enqueue(scheduledJobs, [payload()]);
    await vi.waitFor(() => expect(started).toBe(1), soon);
    const { calls, work } = scripted();
    other.run(work);
    const silentAt = performance.now();
    proxy.fallSilent();
    await vi.waitFor(() => expect(calls).toHaveLength(1), { timeout: 20_000, interval: 20 });
    const afterMs = (calls[0]?.at ?? 0) - silentAt;
    expect(afterMs).toBeGreaterThan(2_000);
    expect(afterMs).toBeLessThan(15_000);
  });

  it('hand back a job that does not end while its worker stops, so that another runs it at once', async () => {
    const [here, there] = [await at.world.join(), await at.world.join()];
    const { promise: never } = Promise.withResolvers<JobOutcome>();
    const stopped: unknown[] = [];
    const consumer = here.run((_payload, { signal }) => {
      signal?.addEventListener('abort', () => stopped.push(signal.reason));
      return never;
    });
    await here.queues.enqueue(scheduledJobs, [payload()]);
    await vi.waitFor(() => expect(consumer.activeJobs).toBe(1), soon);
    const { calls, work } = scripted();
    there.run(work);
    const stoppingAt = performance.now();
    await consumer.close(300);
    expect(performance.now() - stoppingAt).toBeLessThan(3_000);
    expect(stopped).toEqual(['stopping']);
    await vi.waitFor(() => expect(calls).toHaveLength(1), soon);
    expect(performance.now() - stoppingAt).toBeLessThan(6_000);
  });

  it('let an active job end while its worker stops, and give that worker no other', async () => {
    const { queues, queue, run } = await at.world.join();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const consumer = run(async () => {
      await released;
      return done();
    });
    await queues.enqueue(scheduledJobs, [payload(), payload()]);
    await vi.waitFor(() => expect(consumer.activeJobs).toBe(1), soon);
    const closed = consumer.close(10_000);
    release();
    await closed;
    expect(await queue.getCompletedCount()).toBe(1);
    expect(await queue.getWaitingCount()).toBe(1);
  });

  it('log once that their store is away, drop jobs without waiting, and enqueue when it is back', async () => {
    const proxy = await at.world.wire();
    const { queues, queue, backend } = await at.world.join(proxy);
    await queues.enqueue(scheduledJobs, [payload()]);
    await proxy.cut();
    await vi.waitFor(() => expect(backend.ping()).rejects.toThrow(/./), soon);
    const startedAt = performance.now();
    for (let job = 0; job < 20; job += 1) await queues.enqueue(scheduledJobs, [payload()]);
    await queues.enqueueAgain(scheduledJobs, [payload()]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(at.world.lines.filter((line) => line.includes('could not ring'))).toHaveLength(1);

    await proxy.mend();
    await vi.waitFor(() => backend.ping(), soon);
    await queues.enqueue(scheduledJobs, [payload()]);
    expect(await queue.getWaitingCount()).toBe(2);
    expect(at.world.lines.at(-1)).toContain('"lost":21');
  });

  it('report a worker that takes no jobs as stalled, and a slow one not', async () => {
    const proxy = await at.world.wire();
    const [silent, working] = [await at.world.join(proxy), await at.world.join()];
    const { calls, work } = scripted();
    const idle = silent.run(work);
    await idle.ready();
    proxy.fallSilent();
    const stalled: string[] = [];
    const watch = (consumer: Consumer, name: string) =>
      watchWorker(consumer, working.queue, {
        isUp: () => true,
        onStalled: () => stalled.push(name),
        lookEveryMs: 50,
        limits: { idleMs: 600, busyMs: 5_000, gapMs: 5_000 },
      });
    const ends = [watch(idle, 'silent')];
    at.world.onLeave(() => ends.forEach((end) => end()));
    await working.queues.enqueue(scheduledJobs, Array.from({ length: 12 }, payload));
    await vi.waitFor(() => expect(stalled).toEqual(['silent']), soon);
    expect(calls).toEqual([]);

    const slow = working.run(async (...job) => {
      await delay(100);
      return work(...job);
    });
    ends.push(watch(slow, 'slow'));
    // The silent worker may have claimed one job just before its connection fell silent.
    await vi.waitFor(() => expect(calls.length).toBeGreaterThan(10), soon);
    expect(stalled).toEqual(['silent']);
  });
});
