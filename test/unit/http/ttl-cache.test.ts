import { expect, test } from 'vitest';
import { TtlCache } from '../../../src/http/auth/ttl-cache.ts';

test('forgets what is too old, and the oldest when full', () => {
  let nowMs = 0;
  const recent = new TtlCache<number>({ maxAgeMs: 100, maxSize: 2 }, () => nowMs);
  recent.set('a', 1);
  nowMs = 99;
  expect(recent.get('a')).toBe(1);
  nowMs = 100;
  expect(recent.get('a')).toBeUndefined();
  recent.set('b', 2);
  recent.set('c', 3);
  recent.set('b', 4);
  recent.set('d', 5);
  expect([recent.get('b'), recent.get('c'), recent.get('d')]).toEqual([4, undefined, 5]);
  recent.delete('d');
  expect(recent.get('d')).toBeUndefined();
});
