/** What a worker asks before it claims; what follows a claim is tried on a database, in test/integration. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { deliver, type DeliverSteps } from '../../../workers/deliver.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import type { Database } from '../../../src/runtime/database/database.ts';
import { createMetrics } from '../../../src/runtime/metrics.ts';

const now = Temporal.Instant.from('2026-11-22T10:00:00Z');
const later = now.add({ seconds: 9 });

/** A channel whose limiter lets through as long as `at` is null. */
function world(claim: DeliverSteps['claim'] = async () => ({ kind: 'missing' })) {
  const seen = { at: null as Temporal.Instant | null, claims: 0, held: 0, inUse: 0 };
  const limiter = {
    availableAt: () => seen.at,
    hold: async <T>(work: () => Promise<T>): Promise<T> => {
      seen.held += 1;
      seen.inUse += 1;
      return work().finally(() => (seen.inUse -= 1));
    },
  };
  const send = async () => ({ kind: 'sent' }) as const;
  const email = { channel: 'email', afterCrash: 'resend', limiter, send } as const;
  const services = {
    // The steps that would use it are replaced.
    db: {} as Database,
    clock: new SteppedClock(now.toString()),
    channels: new Map([['email', email] as const]),
    metrics: createMetrics(),
  };
  const handle = deliver(services, {
    claim: async (...claimed) => {
      seen.claims += 1;
      return claim(...claimed);
    },
    record: async () => true,
  });
  const run = (channel: string) =>
    handle(
      { tenantId: 't', deliveryId: 'd', channel, correlationId: 'c' },
      { log: pino({ level: 'silent' }), signal: undefined },
    );
  return { seen, run };
}

const missing = { kind: 'skip', reason: 'no such delivery' };

test('where a channel has no room its delivery waits unclaimed', async () => {
  const { seen, run } = world();
  seen.at = later;
  expect(await run('email')).toEqual({ kind: 'later', at: later, reason: 'no room' });
  expect(seen).toMatchObject({ claims: 0, held: 0 });
});

test('where it has, the place is held from before the claim to the end', async () => {
  const during: number[] = [];
  const { seen, run } = world(async () => {
    during.push(seen.inUse);
    return { kind: 'missing' };
  });
  expect(await run('email')).toEqual(missing);
  expect(during).toEqual([1]);
  expect(seen).toMatchObject({ claims: 1, held: 1, inUse: 0 });
});

test('a place is given back where a step throws', async () => {
  const { seen, run } = world(() => Promise.reject(new Error('died')));
  await expect(run('email')).rejects.toThrow('died');
  expect(seen.inUse).toBe(0);
});

test.each(['in-app', 'sms', 'fax'])('%s has no limiter here, and waits for nobody', async (channel) => {
  const { seen, run } = world();
  seen.at = later;
  expect(await run(channel)).toEqual(missing);
  expect(seen).toMatchObject({ claims: 1, held: 0 });
});
