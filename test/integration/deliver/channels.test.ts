/** One suite for every channel, each over a real server: what is told arrives, and how a failure ends. */
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

/** An hour, however long it asked for. */
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

/** What an SMS without keys ends as, where nobody knows whether it was taken. */
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
      // Whatever was not wanted after all is in no mailbox; the server here kept what it was shown.
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
    name: 'sms, of a provider that takes a key',
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

/** Long enough for a machine that is busy; what hangs is waited for as long. */
const patienceMs = 1_500;

describe.each(worlds)('$name', ({ start, title, afterCrash, failures }) => {
  let world: ChannelWorld;
  const send = () => world.channel.send(world.delivery, AbortSignal.timeout(patienceMs));
  const seen = [{ title, text: message.text }];

  beforeAll(async () => {
    world = await start();
  });
  afterAll(() => world.stop());

  test('what is told arrives', async () => {
    expect(await send()).toEqual({ kind: 'sent' });
    expect(world.seen()).toEqual(seen);
  });

  test('told again after a crash shows one message, where that is promised', async () => {
    expect(world.channel.afterCrash).toBe(afterCrash);
    if (afterCrash !== 'resend') return;
    expect(await send()).toEqual({ kind: 'sent' });
    expect(await send()).toEqual({ kind: 'sent' });
    expect(world.seen()).toEqual(seen);
  });

  test('given up before it began is tried again, and arrived nowhere', async () => {
    const own = await start();
    const result = await own.channel.send(own.delivery, AbortSignal.abort());
    const isCarried = own.delivery.channel !== 'in-app';
    expect(result).toEqual(isCarried ? { kind: 'retry', reason: 'stopped' } : { kind: 'sent' });
    expect(own.seen()).toEqual(isCarried ? [] : seen);
    await own.stop();
  });

  describe.each(Object.entries(failures))('a provider that %s', (name, expected) => {
    let own: ChannelWorld;
    beforeAll(async () => {
      own = await start();
    });
    afterEach(() => own.mend());
    afterAll(() => own.stop());

    test(`ends as ${expected.result.kind}, in bounded time`, async () => {
      // The names above are those of failures.
      await own.fail(name as Failure);
      const startedAt = performance.now();
      const result = await own.channel.send(own.delivery, AbortSignal.timeout(patienceMs));
      expect(result).toEqual(expected.result);
      expect(performance.now() - startedAt).toBeLessThan(patienceMs * 2);
      expect(own.seen()).toEqual(expected.arrives ? seen : []);
      await own.mend();
      if (result.kind !== 'retry') return;
      expect(
        await own.channel.send({ ...own.delivery, attempt: 2 }, AbortSignal.timeout(patienceMs)),
      ).toEqual({
        kind: 'sent',
      });
      expect(own.seen()).toEqual(seen);
    });
  });
});
