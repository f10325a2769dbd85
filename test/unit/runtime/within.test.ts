import { expect, test } from 'vitest';
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
  const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  const before = timers();
  const work = Promise.withResolvers<void>();
  const waiting = within(60_000, work.promise);
  expect(timers()).toBe(before + 1);
  work.resolve();
  await waiting;
  expect(timers()).toBe(before);
});
