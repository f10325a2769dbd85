/** Tests the steps before a claim. Tests of the steps after it need a database: see test/integration. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { deliver, type DeliverSteps } from '../../../workers/deliver.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { deliveryOn } from '../../support/worlds/channel-worlds.ts';
import type { Database } from '../../../src/runtime/database/database.ts';
import type { Channel } from '../../../src/values/channels.ts';
import { createMetrics } from '../../../src/runtime/metrics.ts';

const now = Temporal.Instant.from('2026-11-22T10:00:00Z');
const later = now.add({ seconds: 9 });

const deliveryOf = (tenantId: string, id: string) => ({ ...deliveryOn('email'), tenantId, id });

/** Makes a channel with a limiter that has the room `room`. */
function world(claim: DeliverSteps['claim'] = async () => ({ kind: 'missing' })) {
  const seen = {
    room: 'free' as Room,
    claims: 0,
    admitted: 0,
    inUse: 0,
    left: [] as string[],
    recorded: [] as string[],
  };
  const limiter = {
    roomFor: () => seen.room,
    nextTurn: () => later,
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
    channelSetup: {
      configured: new Set<Channel>(),
      monthlyLimits: { email: null, sms: null },
      groupWaitSeconds: 0,
      render: () => ({ title: '', text: '' }),
    },
  };
  const handle = deliver(services, {
    claim: async (...claimed) => {
      seen.claims += 1;
      return claim(...claimed);
    },
    claimNext: async (_db, tenantId) => {
      const id = seen.left.shift();
      return id === undefined
        ? null
        : { kind: 'claimed', delivery: deliveryOf(tenantId, id), withheld: null, renewed: null };
    },
    record: async (_db, { deliveryId }) => {
      seen.recorded.push(deliveryId);
      return true;
    },
  });
  const run = (channel: string) =>
    handle(
      { tenantId: 't', deliveryId: 'd', channel, correlationId: 'c' },
      { log: pino({ level: 'silent' }), signal: undefined },
    );
  return { seen, run };
}

type Room = 'free' | 'full' | 'no_provider';

const missing = { kind: 'skip', reason: 'no such delivery' };

test('a delivery waits unclaimed while no provider of its channel is available', async () => {
  const { seen, run } = world();
  seen.room = 'no_provider';
  expect(await run('email')).toEqual({ kind: 'later', at: later, reason: 'no provider' });
  expect(seen).toMatchObject({ claims: 0, admitted: 0 });
});

test('a delivery that finds its channel full is left in its table, and sent by the next that ends', async () => {
  const { seen, run } = world();
  seen.room = 'full';
  expect(await run('email')).toEqual({ kind: 'skip', reason: 'left in its table' });
  expect(seen).toMatchObject({ claims: 0, admitted: 0 });
  seen.room = 'free';
  seen.left = ['one', 'two'];
  expect(await run('email')).toEqual(missing);
  expect(seen).toMatchObject({ recorded: ['one', 'two'], inUse: 0 });
  seen.left = ['three'];
  expect(await run('email')).toEqual(missing);
  // Nobody was turned away since, so the table is not asked.
  expect(seen.left).toEqual(['three']);
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
    seen.room = 'full';
    expect(await run(channel)).toEqual(missing);
    expect(seen).toMatchObject({ claims: 1, admitted: 0 });
  },
);
