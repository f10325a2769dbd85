/** What the queues promise when workers die, hang or stop, and when the store is away: the same on every store. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { done, type JobOutcome } from '../../../src/runtime/queues/outcome.ts';
import type { Consumer } from '../../../src/runtime/queues/consumer.ts';
import { watchWorker } from '../../../src/runtime/queues/watch-worker.ts';
import { onEveryStore, payload, scripted, soon } from '../../support/worlds/queue-world.ts';
import { scheduledJobs } from '../../../src/runtime/queues/scheduled-jobs.ts';

onEveryStore((at) => {
  it('take the job of a worker that fell silent over in less than 15 seconds', async () => {
    const proxy = await at.world.wire();
    const [lost, other] = [await at.world.join(proxy), await at.world.join()];
    const { promise: never } = Promise.withResolvers<JobOutcome>();
    let taken = 0;
    lost.run(() => {
      taken += 1;
      return never;
    });
    await other.queues.enqueue(scheduledJobs, [payload()]);
    await vi.waitFor(() => expect(taken).toBe(1), soon);
    const { calls, work } = scripted();
    other.run(work);
    const silentAt = performance.now();
    proxy.fallSilent();
    await vi.waitFor(() => expect(calls).toHaveLength(1), { timeout: 20_000, interval: 20 });
    const afterMs = (calls[0]?.at ?? 0) - silentAt;
    expect(afterMs).toBeGreaterThan(2_000);
    expect(afterMs).toBeLessThan(15_000);
  });

  it('hand a job back that does not end while its worker stops, to be run again at once', async () => {
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

  it('let a job under way end while its worker stops, and give it no other', async () => {
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

  it('say so once when their store is away, lose the ring in no time, and ring when it is back', async () => {
    const proxy = await at.world.wire();
    const { queues, queue, backend } = await at.world.join(proxy);
    await queues.enqueue(scheduledJobs, [payload()]);
    await proxy.cut();
    await vi.waitFor(() => expect(backend.ping()).rejects.toThrow(/./), soon);
    const startedAt = performance.now();
    for (let ring = 0; ring < 20; ring += 1) await queues.enqueue(scheduledJobs, [payload()]);
    await queues.enqueueAgain(scheduledJobs, [payload()]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(at.world.lines.filter((line) => line.includes('could not ring'))).toHaveLength(1);

    await proxy.mend();
    await vi.waitFor(() => backend.ping(), soon);
    await queues.enqueue(scheduledJobs, [payload()]);
    expect(await queue.getWaitingCount()).toBe(2);
    expect(at.world.lines.at(-1)).toContain('"lost":21');
  });

  it('tell a worker that takes no work from one that takes it slowly', async () => {
    const proxy = await at.world.wire();
    const [wedged, fine] = [await at.world.join(proxy), await at.world.join()];
    const { calls, work } = scripted();
    const idle = wedged.run(work);
    await idle.ready();
    proxy.fallSilent();
    const stuck: string[] = [];
    const watch = (consumer: Consumer, name: string) =>
      watchWorker(consumer, fine.queue, {
        isUp: () => true,
        onStalled: () => stuck.push(name),
        lookEveryMs: 50,
        limits: { idleMs: 600, busyMs: 5_000, gapMs: 5_000 },
      });
    const ends = [watch(idle, 'wedged')];
    at.world.onLeave(() => ends.forEach((end) => end()));
    await fine.queues.enqueue(scheduledJobs, Array.from({ length: 12 }, payload));
    await vi.waitFor(() => expect(stuck).toEqual(['wedged']), soon);
    expect(calls).toEqual([]);

    const slow = fine.run(async (...job) => {
      await delay(100);
      return work(...job);
    });
    ends.push(watch(slow, 'slow'));
    // The wedged one may have one in its hands, as its last word before the silence.
    await vi.waitFor(() => expect(calls.length).toBeGreaterThan(10), soon);
    expect(stuck).toEqual(['wedged']);
  });
});
