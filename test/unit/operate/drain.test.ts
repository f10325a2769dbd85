import { expect, test } from 'vitest';
import { drain } from '../../../src/operate/drain.ts';

test('a job goes on until a portion comes back less than full', async () => {
  const portions = [500, 500, 7, 500];
  const limits: number[] = [];
  const found = await drain(500, undefined, async (limit) => {
    limits.push(limit);
    return portions.shift() ?? 0;
  });
  expect(found).toBe(1007);
  expect(limits).toEqual([500, 500, 500]);
});

test('a job that finds nothing asks once', async () => {
  let asked = 0;
  const found = await drain(500, undefined, async () => {
    asked += 1;
    return 0;
  });
  expect([found, asked]).toEqual([0, 1]);
});

test('a job that is handed back begins no further portion', async () => {
  const stopping = new AbortController();
  let portions = 0;
  const draining = drain(10, stopping.signal, async (limit) => {
    portions += 1;
    stopping.abort(new Error('handed back'));
    return limit;
  });
  await expect(draining).rejects.toThrow('handed back');
  expect(portions).toBe(1);
});
