import { expect, test, vi } from 'vitest';
import { TooLate, within } from '../../../src/runtime/within.ts';

test('work that ends in time gives its own result', async () => {
  await expect(within(1_000, Promise.resolve('done'))).resolves.toBe('done');
  await expect(within(1_000, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
});

test('work that takes longer is too late, and its own failure afterwards disturbs nobody', async () => {
  const work = Promise.withResolvers<void>();
  await expect(within(1, work.promise)).rejects.toBeInstanceOf(TooLate);
  work.reject(new Error('failed after all'));
});

test('work that ends in time leaves no timer behind', async () => {
  const before = process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  await within(60_000, Promise.resolve());
  await vi.waitFor(() =>
    expect(process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length).toBeLessThanOrEqual(
      before + 1,
    ),
  );
});
