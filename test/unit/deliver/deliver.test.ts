/** Tests the steps before a claim. Tests of the steps after it need a database: see test/integration. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { deliver, type DeliverSteps } from '../../../workers/deliver.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import type { Database } from '../../../src/runtime/database/database.ts';
import { createMetrics } from '../../../src/runtime/metrics.ts';

const now = Temporal.Instant.from('2026-11-22T10:00:00Z');
const later = now.add({ seconds: 9 });

/** Makes a channel with a limiter that admits sends while `at` is null. */
function world(claim: DeliverSteps['claim'] = async () => ({ kind: 'missing' })) {
  const seen = { at: null as Temporal.Instant | null, claims: 0, admitted: 0, inUse: 0 };
  const limiter = {
    availableAt: () => seen.at,
    hold: async <T>(work: () => Promise<T>): Promise<T> => {
      seen.admitted += 1;
      seen.inUse += 1;
      return work().finally(() => (seen.inUse -= 1));
    },
  };
  const send = async () => ({ kind: 'sent' }) as const;
  const email = { channel: 'email', afterCrash: 'resend', limiter, send } as const;
  const services = {
    // Both steps that use the database are replaced.
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

test('a delivery waits unclaimed while its channel has no free slot', async () => {
  const { seen, run } = world();
  seen.at = later;
  expect(await run('email')).toEqual({ kind: 'later', at: later, reason: 'no room' });
  expect(seen).toMatchObject({ claims: 0, admitted: 0 });
});

test('a delivery occupies a slot of its channel from before the claim to its end', async () => {
  const during: number[] = [];
  const { seen, run } = world(async () => {
    during.push(seen.inUse);
    return { kind: 'missing' };
  });
  expect(await run('email')).toEqual(missing);
  expect(during).toEqual([1]);
  expect(seen).toMatchObject({ claims: 1, admitted: 1, inUse: 0 });
});

test('a slot is free again after a step throws', async () => {
  const { seen, run } = world(() => Promise.reject(new Error('died')));
  await expect(run('email')).rejects.toThrow('died');
  expect(seen.inUse).toBe(0);
});

test.each(['in-app', 'sms', 'fax'])(
  'a delivery on %s, a channel without a limiter, is claimed at once',
  async (channel) => {
    const { seen, run } = world();
    seen.at = later;
    expect(await run(channel)).toEqual(missing);
    expect(seen).toMatchObject({ claims: 1, admitted: 0 });
  },
);
