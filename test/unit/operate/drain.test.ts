import { expect, test } from 'vitest';
import { drain } from '../../../src/operate/drain.ts';

test('a draining job asks for batches until one comes back less than full', async () => {
  const batches = [500, 500, 7, 500];
  const limits: number[] = [];
  const found = await drain(500, undefined, async (limit) => {
    limits.push(limit);
    return batches.shift() ?? 0;
  });
  expect(found).toBe(1007);
  expect(limits).toEqual([500, 500, 500]);
});

test('a draining job that finds nothing asks once', async () => {
  let asked = 0;
  const found = await drain(500, undefined, async () => {
    asked += 1;
    return 0;
  });
  expect([found, asked]).toEqual([0, 1]);
});

test('a draining job that is handed back starts no further batch', async () => {
  const stopping = new AbortController();
  let batches = 0;
  const draining = drain(10, stopping.signal, async (limit) => {
    batches += 1;
    stopping.abort(new Error('handed back'));
    return limit;
  });
  await expect(draining).rejects.toThrow('handed back');
  expect(batches).toBe(1);
});
