/** The guarantees of the queues, tested on every store they can use. */
import { expect, it, vi } from 'vitest';
import { dead, done, later, type JobOutcome, skip } from '../../../src/runtime/queues/outcome.ts';
import { clock, onEveryStore, payload, scripted, soon } from '../../support/worlds/queue-world.ts';
import { scheduledJobs } from '../../../src/runtime/queues/scheduled-jobs.ts';

const fail = (): JobOutcome => {
  throw new Error('no luck');
};

onEveryStore((at) => {
  it('hold a job once, however often and by however many processes it is enqueued', async () => {
    const [here, there] = [await at.world.join(), await at.world.join()];
    const payloads = Array.from({ length: 30 }, payload);
    const few = payloads.slice(0, 3);
    await here.queues.enqueue(scheduledJobs, few);
    await Promise.all([here, there].map(({ queues }) => queues.enqueue(scheduledJobs, payloads)));
    expect(at.world.lines).toEqual([]);
    expect(await there.queue.getWaitingCount()).toBe(30);
    const { calls, work } = scripted();
    here.run(work, 4);
    there.run(work, 4);
    await vi.waitFor(() => expect(calls).toHaveLength(30), soon);
    expect(new Set(calls.map(({ job }) => job))).toEqual(new Set(payloads.map(({ job }) => job)));
    await here.queues.enqueue(scheduledJobs, payloads);
    expect(await here.queue.getWaitingCount()).toBe(0);
  });

  it.each([
    ['done', () => done(), 'completed'],
    ['dead', () => dead('no luck'), 'failed'],
  ] as const)(
    'run a job that is %s again only when it is enqueued again on purpose',
    async (_how, outcome, state) => {
      const { queues, queue, run } = await at.world.join();
      const [one, other] = [payload(), payload()];
      const { calls, work } = scripted(outcome);
      run(work);
      await queues.enqueue(scheduledJobs, [one]);
      await vi.waitFor(async () => expect(await queue.getJobCountByTypes(state)).toBe(1), soon);
      await queues.enqueue(scheduledJobs, [one]);
      await queues.enqueueAgain(scheduledJobs, [one, other]);
      await vi.waitFor(async () => {
        expect(calls.map(({ job }) => job).toSorted()).toEqual([one.job, one.job, other.job].toSorted());
        expect(await queue.getJobCountByTypes(state)).toBe(2);
      }, soon);
    },
  );

  it('leave a waiting or active job as it is when it is enqueued again', async () => {
    const { queues, queue, run } = await at.world.join();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let calls = 0;
    run(async () => {
      calls += 1;
      await released;
      return done();
    });
    const [active, waiting] = [payload(), payload()];
    await queues.enqueue(scheduledJobs, [active]);
    await vi.waitFor(() => expect(calls).toBe(1), soon);
    await queues.enqueue(scheduledJobs, [waiting]);
    await queues.enqueueAgain(scheduledJobs, [active, waiting]);
    release();
    await vi.waitFor(async () => expect(await queue.getCompletedCount()).toBe(2), soon);
    expect(calls).toBe(2);
  });

  it('run a postponed job at its time and not before', async () => {
    const { queues, queue, run } = await at.world.join();
    const { calls, work } = scripted(() => later(clock.now().add({ seconds: 1 }), 'too early'), done);
    run(work);
    await queues.enqueue(scheduledJobs, [payload()]);
    await vi.waitFor(() => expect(calls).toHaveLength(2), soon);
    const waitedMs = (calls[1]?.at ?? 0) - (calls[0]?.at ?? 0);
    expect(waitedMs).toBeGreaterThan(950);
    expect(waitedMs).toBeLessThan(3_000);
    await vi.waitFor(async () => expect(await queue.getCompletedCount()).toBe(1), soon);
  });

  it('retry a job that throws with a growing delay, and leave it failed after the last attempt', async () => {
    const { queues, queue, run } = await at.world.join();
    const { calls, work } = scripted(fail);
    run(work);
    await queues.enqueue(scheduledJobs, [payload()]);
    await vi.waitFor(async () => expect(await queue.getFailedCount()).toBe(1), soon);
    expect(calls.map(({ isLast }) => isLast)).toEqual([false, false, true]);
    const [first = 0, second = 0, third = 0] = calls.map(({ at }) => at);
    expect(second - first).toBeGreaterThan(200);
    expect(third - second).toBeGreaterThan(450);
    expect(third - first).toBeLessThan(6_000);
  });

  it('fail a dead or malformed job without a retry, and complete a skipped one', async () => {
    const { queues, queue, run } = await at.world.join();
    const { calls, work } = scripted(
      () => dead('never'),
      () => skip('nothing to do'),
    );
    run(work);
    await queues.enqueue(scheduledJobs, [payload()]);
    await vi.waitFor(async () => expect(await queue.getFailedCount()).toBe(1), soon);
    await queue.add('malformed', { job: 7 }, { jobId: 'malformed-1', attempts: 3 });
    await queues.enqueue(scheduledJobs, [payload()]);
    await vi.waitFor(async () => expect(await queue.getCompletedCount()).toBe(1), soon);
    const reasons = (await queue.getFailed()).map(({ failedReason }) => failedReason);
    expect(reasons.toSorted()).toEqual(['malformed payload', 'never']);
    expect(calls).toHaveLength(2);
  });
});
