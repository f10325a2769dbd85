import { describe, expect, test } from 'vitest';
import {
  afterAbandoned,
  claimSeconds,
  maxAttempts,
  recordOf,
  sendSeconds,
  wasTried,
} from '../../../src/deliver/decide/delivery.ts';

describe('the record of a send', () => {
  test('is final if it was sent or failed', () => {
    expect(recordOf({ kind: 'sent' }, 1, 0)).toEqual({ status: 'sent', reason: null });
    expect(recordOf({ kind: 'failed', reason: 'no such box' }, 1, 0)).toEqual({
      status: 'failed',
      reason: 'no such box',
    });
  });

  test.each(['unknown', 'skipped'] as const)(
    'is final if it was %s, on the first attempt and the last',
    (kind) => {
      for (const attempt of [1, maxAttempts])
        expect(recordOf({ kind, reason: 'because' }, attempt, 0)).toEqual({
          status: kind,
          reason: 'because',
        });
    },
  );

  test.each([
    [1, 0, 15_000],
    [1, 0.999_999, 30_000],
    [2, 0, 30_000],
    [4, 0, 120_000],
    [7, 0, 960_000],
    [7, 0.5, 1_440_000],
  ])('of attempt %d with jitter %d asks for a retry after %d ms', (attempt, jitter, retryInMs) => {
    expect(recordOf({ kind: 'retry', reason: 'busy' }, attempt, jitter)).toEqual({
      status: 'pending',
      reason: 'busy',
      retryInMs,
      isUntried: false,
    });
  });

  test.each([
    [1_000, 15_000],
    [20_000, 20_000],
    [86_400_000, 3_600_000],
  ])('turns a requested wait of %d ms into one of %d ms', (retryAfterMs, retryInMs) => {
    expect(recordOf({ kind: 'retry', reason: 'busy', retryAfterMs }, 1, 0)).toMatchObject({ retryInMs });
  });

  test.each([
    [1, 1_000, 15_000],
    [1, 43_200_000, 43_200_000],
    [maxAttempts, 43_200_000, 43_200_000],
  ])(
    'counts no attempt if attempt %d was postponed for %d ms, and asks for a retry after %d ms',
    (attempt, forMs, retryInMs) => {
      const record = recordOf({ kind: 'postponed', reason: 'rests', forMs }, attempt, 0);
      expect(record).toEqual({ status: 'pending', reason: 'rests', retryInMs, isUntried: true });
      expect(wasTried(record)).toBe(false);
    },
  );

  test.each([
    ['sent', true],
    ['failed', true],
    ['retry', true],
    ['unknown', true],
    ['skipped', false],
  ] as const)('that ended as %s was tried: %s', (kind, expected) => {
    expect(wasTried(recordOf({ kind, reason: 'because' }, 1, 0))).toBe(expected);
  });

  test('is failed after the last attempt', () => {
    const retry = { kind: 'retry', reason: 'busy' } as const;
    expect(recordOf(retry, maxAttempts - 1, 0)).toMatchObject({ status: 'pending' });
    expect(recordOf(retry, maxAttempts, 0)).toEqual({ status: 'failed', reason: 'busy' });
  });
});

describe('an abandoned claim', () => {
  test.each([
    ['resend', 1, 'resend'],
    ['resend', maxAttempts - 1, 'resend'],
    ['resend', maxAttempts, 'unknown'],
    ['unknown', 1, 'unknown'],
    [undefined, 1, 'unknown'],
  ] as const)('on a channel with afterCrash %s, attempt %d, becomes %s', (afterCrash, attempt, expected) => {
    expect(afterAbandoned(afterCrash, attempt)).toBe(expected);
  });

  test('is not considered abandoned while its send may still be running', () => {
    expect(sendSeconds).toBeLessThan(claimSeconds);
  });
});
