import { expect, test } from 'vitest';
import { retryAfterMs } from '../../../src/deliver/channels/retry-after.ts';

const date = 'Sun, 22 Nov 2026 10:00:00 GMT';

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['3600', 3_600_000],
  ['3601', 3_600_000],
  ['31536000', 3_600_000],
  ['9'.repeat(400), 3_600_000],
  ['Sun, 22 Nov 2026 10:02:00 GMT', 120_000],
  ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
  ['Mon, 22 Nov 2027 10:00:00 GMT', 3_600_000],
  ['-5', undefined],
  ['1.5h', undefined],
  ['soon', undefined],
  ['', undefined],
])('Retry-After "%s" is a wait of %s ms', (wanted, expected) => {
  expect(retryAfterMs({ 'retry-after': wanted, date })).toBe(expected);
});

test('Retry-After with a date is ignored if the response has no Date header', () => {
  expect(retryAfterMs({ 'retry-after': date })).toBeUndefined();
  expect(retryAfterMs({ 'retry-after': '5' })).toBe(5_000);
  expect(retryAfterMs({ date })).toBeUndefined();
});
