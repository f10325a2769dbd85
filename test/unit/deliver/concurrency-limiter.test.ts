import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConcurrencyLimiter } from '../../../src/deliver/channels/concurrency-limiter.ts';
import { CircuitBreaker } from '../../../src/deliver/channels/circuit-breaker.ts';
import { accepted, type Attempt, refused, unreachable } from '../../../src/deliver/channels/provider.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const now = Temporal.Instant.from('2026-11-22T10:00:00Z');
const waitOf = (limiter: ConcurrencyLimiter): number | null =>
  limiter.availableAt(now)?.since(now).total('milliseconds') ?? null;

describe('a gate', () => {
  /** Holds a place until told to leave. */
  function enter(limiter: ConcurrencyLimiter): () => Promise<void> {
    expect(waitOf(limiter)).toBeNull();
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = limiter.hold(() => promise);
    return async () => {
      resolve();
      await held;
    };
  }

  test('has four places, and one again when one is left', async () => {
    const limiter = new ConcurrencyLimiter();
    const leave = Array.from({ length: 4 }, () => enter(limiter));
    expect(waitOf(limiter)).toBe(250);
    await leave[0]?.();
    expect(waitOf(limiter)).toBeNull();
  });

  test('gives a place back when the work fails', async () => {
    const limiter = new ConcurrencyLimiter();
    const fail = () => limiter.hold(() => Promise.reject(new Error('died')));
    await Promise.allSettled([fail(), fail(), fail(), fail()]);
    expect(waitOf(limiter)).toBeNull();
  });

  test('sends a backlog away at the pace at which sends end, and never for long', async () => {
    const limiter = new ConcurrencyLimiter();
    const hold = () => limiter.hold(() => vi.advanceTimersByTimeAsync(1_000));
    for (let held = 0; held < 40; held += 1) await hold();
    for (let held = 0; held < 4; held += 1) enter(limiter);
    const waits = Array.from({ length: 1000 }, () => waitOf(limiter) ?? 0);
    // Four at a time, a second each.
    expect(waits[0]).toBe(250);
    expect(Number(waits[40]) - Number(waits[0])).toBeGreaterThan(9_000);
    expect(Number(waits[40]) - Number(waits[0])).toBeLessThan(11_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(31_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(waitOf(limiter)).toBe(250);
  });

  test('is shut as long as nobody carries anything', () => {
    const out = { forMs: 20_000 };
    const limiter = new ConcurrencyLimiter(() => out.forMs);
    expect(waitOf(limiter)).toBe(20_000);
    out.forMs = 0;
    expect(waitOf(limiter)).toBeNull();
  });
});

describe('a provider', () => {
  const failing: Attempt = unreachable('connection_refused');

  function guarded(...attempts: Attempt[]) {
    const asked = { times: 0, rests: 0 };
    const provider = {
      name: 'one',
      attempt: async () => {
        asked.times += 1;
        return attempts.shift() ?? failing;
      },
    };
    const guard = new CircuitBreaker<null>(provider, () => (asked.rests += 1));
    const ask = () => guard.attempt(null, new AbortController().signal);
    return { guard, asked, ask };
  }

  test('that fails five times in a row is left alone for half a minute', async () => {
    const { guard, asked, ask } = guarded();
    for (let times = 0; times < 5; times += 1) expect(await ask()).toEqual(failing);
    expect(guard.unavailableForMs).toBe(30_000);
    expect(asked).toEqual({ times: 5, rests: 1 });
    const alone = { result: { kind: 'postponed', reason: 'provider_unavailable' }, isUntaken: true };
    expect(await ask()).toMatchObject(alone);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(await ask()).toMatchObject(alone);
    expect(asked.times).toBe(5);
  });

  test('is then asked once, and left alone again where that fails', async () => {
    const { guard, asked, ask } = guarded();
    for (let times = 0; times < 5; times += 1) await ask();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(guard.unavailableForMs).toBe(0);
    const together = await Promise.all([ask(), ask(), ask()]);
    expect(together.map(({ result }) => Reflect.get(result, 'reason'))).toEqual([
      'connection_refused',
      'provider_unavailable',
      'provider_unavailable',
    ]);
    expect(asked).toEqual({ times: 6, rests: 2 });
    expect(guard.unavailableForMs).toBe(30_000);
  });

  test('that is well again carries on', async () => {
    const { guard, asked, ask } = guarded(failing, failing, failing, failing, failing, accepted, accepted);
    for (let times = 0; times < 5; times += 1) await ask();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await ask()).toEqual(accepted);
    expect(guard.unavailableForMs).toBe(0);
    expect(await ask()).toEqual(accepted);
    expect(asked.rests).toBe(1);
  });

  test.each([
    ['takes one in between', accepted],
    ['refuses one for what it is', refused('smtp_550')],
  ])('that %s is well', async (_name, between) => {
    const { asked, ask } = guarded(failing, failing, failing, failing, between, failing, failing);
    for (let times = 0; times < 7; times += 1) await ask();
    expect(asked).toEqual({ times: 7, rests: 0 });
  });

  test('is not blamed for a send that this process gave up', async () => {
    const { asked, ask } = guarded(...Array.from({ length: 9 }, () => unreachable('stopped')));
    for (let times = 0; times < 9; times += 1) await ask();
    expect(asked).toEqual({ times: 9, rests: 0 });
  });
});
