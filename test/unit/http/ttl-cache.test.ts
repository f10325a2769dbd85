import { expect, test } from 'vitest';
import { TtlCache } from '../../../src/http/auth/ttl-cache.ts';

test('the TTL cache drops entries that are too old, and the oldest when full', () => {
  let nowMs = 0;
  const cache = new TtlCache<number>({ maxAgeMs: 100, maxSize: 2 }, () => nowMs);
  cache.set('a', 1);
  nowMs = 99;
  expect(cache.get('a')).toBe(1);
  nowMs = 100;
  expect(cache.get('a')).toBeUndefined();
  cache.set('b', 2);
  cache.set('c', 3);
  cache.set('b', 4);
  cache.set('d', 5);
  expect([cache.get('b'), cache.get('c'), cache.get('d')]).toEqual([4, undefined, 5]);
  cache.delete('d');
  expect(cache.get('d')).toBeUndefined();
});
