import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConcurrencyLimiter } from '../../../src/deliver/channels/concurrency-limiter.ts';
import { CircuitBreaker } from '../../../src/deliver/channels/circuit-breaker.ts';
import { ranks } from '../../../src/values/rank.ts';
import { accepted, type Attempt, refused, unreachable } from '../../../src/deliver/channels/provider.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const now = Temporal.Instant.from('2026-11-22T10:00:00Z');
const waitOf = (limiter: ConcurrencyLimiter): number =>
  limiter.nextTurn(now).since(now).total('milliseconds');

describe('the concurrency limiter', () => {
  /** Occupies a slot until the returned function is called. */
  function enter(limiter: ConcurrencyLimiter, rank: number = ranks.other): () => Promise<void> {
    expect(limiter.roomFor(rank)).toBe('free');
    const { promise, resolve } = Promise.withResolvers<void>();
    const ended = limiter.hold(() => promise);
    return async () => {
      resolve();
      await ended;
    };
  }

  test('has four slots, and a free one again when a send ends', async () => {
    const limiter = new ConcurrencyLimiter();
    const leave = Array.from({ length: 4 }, () => enter(limiter));
    expect(limiter.roomFor(ranks.other)).toBe('full');
    await leave[0]?.();
    expect(limiter.roomFor(ranks.other)).toBe('free');
  });

  test('keeps a slot for alerts, and one more for critical ones', async () => {
    const limiter = new ConcurrencyLimiter();
    for (let count = 0; count < 4; count += 1) enter(limiter);
    expect([ranks.other, ranks.recovery].map((rank) => limiter.roomFor(rank))).toEqual(['full', 'full']);
    const leave = enter(limiter, ranks.alert);
    expect(limiter.roomFor(ranks.alert)).toBe('full');
    enter(limiter, ranks.critical);
    expect(limiter.roomFor(ranks.critical)).toBe('full');
    await leave();
    expect([ranks.alert, ranks.critical].map((rank) => limiter.roomFor(rank))).toEqual(['full', 'free']);
  });

  test('frees a slot when the work fails', async () => {
    const limiter = new ConcurrencyLimiter();
    const fail = () => limiter.hold(() => Promise.reject(new Error('died')));
    await Promise.allSettled([fail(), fail(), fail(), fail()]);
    expect(limiter.roomFor(ranks.other)).toBe('free');
  });

  test('lets those without a provider return at the pace at which sends end, within half a minute', async () => {
    const out = { forMs: 0 };
    const limiter = new ConcurrencyLimiter(() => out.forMs);
    const hold = () => limiter.hold(() => vi.advanceTimersByTimeAsync(1_000));
    for (let count = 0; count < 40; count += 1) await hold();
    out.forMs = 250;
    const waits = Array.from({ length: 1000 }, () => waitOf(limiter));
    // Four sends run at a time and take a second each.
    expect(waits[0]).toBe(250);
    expect(Number(waits[40]) - Number(waits[0])).toBeGreaterThan(9_000);
    expect(Number(waits[40]) - Number(waits[0])).toBeLessThan(11_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(31_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(waitOf(limiter)).toBe(250);
  });

  test('admits nothing while every provider is unavailable', () => {
    const out = { forMs: 20_000 };
    const limiter = new ConcurrencyLimiter(() => out.forMs);
    expect(limiter.roomFor(ranks.critical)).toBe('no_provider');
    expect(waitOf(limiter)).toBe(20_000);
    out.forMs = 0;
    expect(limiter.roomFor(ranks.other)).toBe('free');
  });
});

describe('the circuit breaker of a provider', () => {
  const failing: Attempt = unreachable('connection_refused');

  function breakerFor(...attempts: Attempt[]) {
    const asked = { times: 0, opened: 0 };
    const provider = {
      name: 'one',
      attempt: async () => {
        asked.times += 1;
        return attempts.shift() ?? failing;
      },
    };
    const breaker = new CircuitBreaker<null>(provider, () => (asked.opened += 1));
    const ask = () => breaker.attempt(null, new AbortController().signal);
    return { breaker, asked, ask };
  }

  test('opens for half a minute after five failures in a row', async () => {
    const { breaker, asked, ask } = breakerFor();
    for (let times = 0; times < 5; times += 1) expect(await ask()).toEqual(failing);
    expect(breaker.unavailableForMs).toBe(30_000);
    expect(asked).toEqual({ times: 5, opened: 1 });
    const rejected = { result: { kind: 'postponed', reason: 'provider_unavailable' }, isNotAccepted: true };
    expect(await ask()).toMatchObject(rejected);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(await ask()).toMatchObject(rejected);
    expect(asked.times).toBe(5);
  });

  test('then lets one message through, and opens again if that fails', async () => {
    const { breaker, asked, ask } = breakerFor();
    for (let times = 0; times < 5; times += 1) await ask();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(breaker.unavailableForMs).toBe(0);
    const together = await Promise.all([ask(), ask(), ask()]);
    expect(together.map(({ result }) => Reflect.get(result, 'reason'))).toEqual([
      'connection_refused',
      'provider_unavailable',
      'provider_unavailable',
    ]);
    expect(asked).toEqual({ times: 6, opened: 2 });
    expect(breaker.unavailableForMs).toBe(30_000);
  });

  test('closes after a success', async () => {
    const { breaker, asked, ask } = breakerFor(
      failing,
      failing,
      failing,
      failing,
      failing,
      accepted,
      accepted,
    );
    for (let times = 0; times < 5; times += 1) await ask();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await ask()).toEqual(accepted);
    expect(breaker.unavailableForMs).toBe(0);
    expect(await ask()).toEqual(accepted);
    expect(asked.opened).toBe(1);
  });

  test.each([
    ['an accepted message', accepted],
    ['a refused message', refused('smtp_550')],
  ])('stays closed with %s between failures', async (_name, between) => {
    const { asked, ask } = breakerFor(failing, failing, failing, failing, between, failing, failing);
    for (let times = 0; times < 7; times += 1) await ask();
    expect(asked).toEqual({ times: 7, opened: 0 });
  });

  test('stays closed after sends that the process stopped itself', async () => {
    const { asked, ask } = breakerFor(...Array.from({ length: 9 }, () => unreachable('stopped')));
    for (let times = 0; times < 9; times += 1) await ask();
    expect(asked).toEqual({ times: 9, opened: 0 });
  });
});
