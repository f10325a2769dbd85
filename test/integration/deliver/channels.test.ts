/** One suite for every channel, each with a real server: messages arrive, and each failure has its result. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SendResult } from '../../../src/deliver/decide/delivery.ts';
import {
  type ChannelWorld,
  emailWorld,
  type Failure,
  inAppWorld,
  message,
  pushWorld,
  smsWithKeysWorld,
  smsWorld,
} from '../../support/worlds/channel-worlds.ts';

type Expected = { result: SendResult; arrives: boolean };

const retry = (reason: string, arrives = false): Expected => ({ result: { kind: 'retry', reason }, arrives });
const unknown = (reason: string, arrives = false): Expected => ({
  result: { kind: 'unknown', reason },
  arrives,
});
const failed = (reason: string): Expected => ({ result: { kind: 'failed', reason }, arrives: false });

/** A retry in an hour, although the provider asked for longer. */
const inAnHour = (reason: string): Expected => ({
  result: { kind: 'retry', reason, retryAfterMs: 3_600_000 },
  arrives: false,
});

const overHttp = {
  refuses: retry('connection_refused'),
  'is unwell': retry('http_503'),
  'asks for a year': inAnHour('http_429'),
};

const repeatable = {
  hangs: retry('timeout'),
  'takes and hangs': retry('timeout', true),
  'takes and dies': retry('connection_reset', true),
  'answers garbage': retry('garbage_answer'),
};

/** Results of an SMS without an idempotency key when nobody knows whether it was accepted. */
const unrepeatable = {
  hangs: unknown('timeout'),
  'takes and hangs': unknown('timeout', true),
  'takes and dies': unknown('connection_reset', true),
  'answers garbage': unknown('garbage_answer'),
};

const worlds: {
  name: string;
  start: () => Promise<ChannelWorld>;
  title: string | null;
  afterCrash: string;
  failures: Partial<Record<Failure, Expected>>;
}[] = [
  {
    name: 'email',
    start: emailWorld,
    title: message.title,
    afterCrash: 'resend',
    failures: {
      ...repeatable,
      refuses: retry('connection_refused'),
      'is unwell': retry('smtp_451'),
      // A refused mail is in no real mailbox; the server of this test keeps it all the same.
      'asks for a year': retry('smtp_452', true),
      'says no': failed('smtp_550'),
    },
  },
  {
    name: 'sms',
    start: () => smsWorld(null),
    title: null,
    afterCrash: 'unknown',
    failures: { ...overHttp, ...unrepeatable, 'says no': failed('http_400_21211') },
  },
  {
    name: 'sms with an idempotency key',
    start: smsWithKeysWorld,
    title: null,
    afterCrash: 'resend',
    failures: { ...overHttp, ...repeatable, 'says no': failed('http_400_21211') },
  },
  {
    name: 'push',
    start: pushWorld,
    title: message.title,
    afterCrash: 'resend',
    failures: { ...overHttp, ...repeatable, 'says no': failed('http_400') },
  },
  { name: 'in-app', start: inAppWorld, title: message.title, afterCrash: 'resend', failures: {} },
];

/** Time limit of a send: long enough for a busy machine, and the wait for a provider that hangs. */
const timeoutMs = 1_500;

describe.each(worlds)('the channel $name', ({ start, title, afterCrash, failures }) => {
  let world: ChannelWorld;
  const send = () => world.channel.send(world.delivery, AbortSignal.timeout(timeoutMs));
  const seen = [{ title, text: message.text }];

  beforeAll(async () => {
    world = await start();
  });
  afterAll(() => world.stop());

  test('delivers its message', async () => {
    expect(await send()).toEqual({ kind: 'sent' });
    expect(world.seen()).toEqual(seen);
  });

  test('shows one message after a repeated send, if it may repeat after a crash', async () => {
    expect(world.channel.afterCrash).toBe(afterCrash);
    if (afterCrash !== 'resend') return;
    expect(await send()).toEqual({ kind: 'sent' });
    expect(await send()).toEqual({ kind: 'sent' });
    expect(world.seen()).toEqual(seen);
  });

  test('retries a send that was aborted before it began, and nothing arrives', async () => {
    const own = await start();
    const result = await own.channel.send(own.delivery, AbortSignal.abort());
    const isExternal = own.delivery.channel !== 'in-app';
    expect(result).toEqual(isExternal ? { kind: 'retry', reason: 'stopped' } : { kind: 'sent' });
    expect(own.seen()).toEqual(isExternal ? [] : seen);
    await own.stop();
  });

  describe.each(Object.entries(failures))('with a provider that %s', (name, expected) => {
    let own: ChannelWorld;
    beforeAll(async () => {
      own = await start();
    });
    afterEach(() => own.mend());
    afterAll(() => own.stop());

    test(`ends a send as ${expected.result.kind} in bounded time`, async () => {
      // Object.entries widens the keys, which are names of failures.
      await own.fail(name as Failure);
      const startedAt = performance.now();
      const result = await own.channel.send(own.delivery, AbortSignal.timeout(timeoutMs));
      expect(result).toEqual(expected.result);
      expect(performance.now() - startedAt).toBeLessThan(timeoutMs * 2);
      expect(own.seen()).toEqual(expected.arrives ? seen : []);
      await own.mend();
      if (result.kind !== 'retry') return;
      expect(await own.channel.send({ ...own.delivery, attempt: 2 }, AbortSignal.timeout(timeoutMs))).toEqual(
        {
          kind: 'sent',
        },
      );
      expect(own.seen()).toEqual(seen);
    });
  });
});
