/**
 * Ten thousand people with a live stream each, on one web process. Measures what the streams cost while nothing happens
 * and while events come in, and how soon an alert and a changed sum are on their person's stream. Each stream takes a
 * file descriptor here and one in the web process. Node raises the limit of open files as far as the system lets it.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { assertSums } from './check.ts';
import { cpuFigures, measureCpu, measureEvents, memoryMb, serverPid } from './cpu.ts';
import { pacedLoad, percentile } from './paced-load.ts';
import { processOf, startProcess, withProcess } from './program.ts';
import type { BenchResult } from './result.ts';
import {
  categories,
  drained,
  eventBody,
  makeRules,
  makeTenant,
  openDatabase,
  settingsOf,
  spreadEventsOver,
} from './world.ts';

const streams = 10_000;
const openedAtOnce = 100;
const settlingMs = 10_000;
const quietSeconds = 20;
const eventsPerSecond = 300;
/** Alerts that do not count: the processes compile their code and prepare their statements. */
const first = 20;
const alerts = 80;
const everyMs = 250;

export async function benchStreams(): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { tenantId, apiKey, adminKey } = await makeTenant(database.url);
  await makeRules(database.client, tenantId, streams);
  spreadEventsOver(streams);
  const postgres = await serverPid(database.client);
  const env = { ...settingsOf(database), USER_RATE_LIMIT: '1000000' };
  await using worker = await startProcess(processOf('worker'), env);
  return await withProcess(processOf('web'), env, async (url, web) => {
    const beganMs = performance.now();
    const open = await openAll(url, adminKey);
    stack.defer(() => {
      for (const stream of open) stream.leave();
    });
    await Promise.all(open.map((stream) => stream.begun));
    const openedMs = performance.now() - beganMs;
    await delay(settlingMs);
    const pids = { web, worker: worker.pid, postgres };
    const quiet = await measureCpu(pids, () => delay(quietSeconds * 1000));
    const seconds = ((first + alerts) * everyMs) / 1000 + 5;
    const events = { url: `${url}/api/events`, headers: { authorization: `Bearer ${apiKey}` } };
    const watched: Promise<{ heardMs: number; summedMs: number }>[] = [];
    const busy = await measureEvents(database.client, pids, () =>
      Promise.all([
        pacedLoad({ ...events, seconds, body: eventBody, eventsPerSecond }),
        watchSome(open, watched, (userId) => postLarge(events, userId)),
      ]),
    );
    const times = (await Promise.all(watched)).slice(first);
    await drained(database.client);
    await assertSums(database.client, first + alerts);
    const heard = times.map(({ heardMs }) => heardMs);
    const summed = times.map(({ summedMs }) => summedMs);
    return {
      name: 'streams',
      figures: {
        streams: { value: streams, unit: 'streams' },
        'until all were open and had all sums': { value: openedMs / 1000, unit: 's' },
        'memory of web': { value: memoryMb(web), unit: 'MB' },
        ...sharesOfCore('at rest', quiet.cpu, quietSeconds),
        ...sharesOfCore('with 300 events/s', busy.cpu, seconds),
        ...cpuFigures('an event with its share of the streams', busy),
        'posted to heard, median': { value: percentile(heard, 50), unit: 'ms' },
        'posted to heard, 95th percentile': { value: percentile(heard, 95), unit: 'ms' },
        'posted to the new sum, median': { value: percentile(summed, 50), unit: 'ms' },
        'posted to the new sum, 95th percentile': { value: percentile(summed, 95), unit: 'ms' },
      },
      ratios: {},
    };
  });
}

const sharesOfCore = (when: string, cpu: Record<string, number>, seconds: number): BenchResult['figures'] =>
  Object.fromEntries(
    Object.entries(cpu).map(([name, used]) => [
      `${when}, ${name}`,
      { value: (100 * used) / seconds, unit: '% of a core' },
    ]),
  );

async function openAll(url: string, adminKey: string): Promise<Listening[]> {
  const numbers = Array.from({ length: streams }, (_, number) => number);
  const open: Listening[] = [];
  const openOthers = async (): Promise<void> => {
    for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
      const token = await tokenOf(url, adminKey, `u${number}`);
      const stream = new Listening(url, token);
      open[number] = stream;
      await stream.isConnected;
    }
  };
  await Promise.all(Array.from({ length: openedAtOnce }, openOthers));
  return open;
}

async function tokenOf(url: string, adminKey: string, userId: string): Promise<string> {
  const response = await fetch(`${url}/api/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ userId }),
  });
  if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { token: string }).token;
}

/** Fills a budget of one person after another. */
async function watchSome(
  open: readonly Listening[],
  watched: Promise<{ heardMs: number; summedMs: number }>[],
  post: (userId: string) => Promise<void>,
): Promise<void> {
  await delay(2000);
  for (let index = 0; index < first + alerts; index += 1) {
    const number = (index * 163) % streams;
    const stream = open[number];
    if (!stream) throw new Error('there is no such stream');
    const postedMs = performance.now();
    watched.push(
      stream
        .hears()
        .then(({ heardAt, summedAt }) => ({ heardMs: heardAt - postedMs, summedMs: summedAt - postedMs })),
    );
    await post(`u${number}`);
    await delay(everyMs);
  }
}

async function postLarge(
  events: { url: string; headers: Record<string, string> },
  userId: string,
): Promise<void> {
  const now = new Date().toISOString();
  const data = {
    expenseId: `large-${userId}`,
    userId,
    categoryId: 'other',
    amount: '9000000.00',
    currency: 'USD',
    spentAt: now,
  };
  const response = await fetch(events.url, {
    method: 'POST',
    headers: { ...events.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ id: `large-${userId}`, type: 'expense.created', time: now, data }),
  });
  if (response.status !== 202) throw new Error(`not accepted: ${response.status}`);
}

/** A client as small as possible: it looks for the names of events in what arrives. */
class Listening {
  readonly isConnected: Promise<unknown>;
  /** Resolves when the sums of all rules have come. */
  readonly begun: Promise<void>;
  readonly #socket: Socket;
  #sums = 0;
  #onText: (text: string) => void = () => undefined;

  constructor(url: string, token: string) {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    this.#socket = socket;
    const connected = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    this.isConnected = connected.promise;
    this.begun = begun.promise;
    socket.write(
      `GET /api/smart-alerts/stream HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    socket.setEncoding('latin1');
    socket.on('error', (error) => {
      connected.reject(error);
      begun.reject(error);
    });
    socket.on('data', (text: string) => {
      connected.resolve();
      this.#sums += text.split('event: spending').length - 1;
      if (this.#sums >= categories.length) begun.resolve();
      this.#onText(text);
    });
  }

  /** Resolves with the times of the next notification and the next sum of that size. */
  hears(): Promise<{ heardAt: number; summedAt: number }> {
    const { promise, resolve } = Promise.withResolvers<{ heardAt: number; summedAt: number }>();
    const seen = { heardAt: NaN, summedAt: NaN };
    this.#onText = (text) => {
      if (text.includes('event: notification')) seen.heardAt = performance.now();
      if (/"spent":"90\d{5}/.test(text)) seen.summedAt = performance.now();
      if (!Number.isNaN(seen.heardAt + seen.summedAt)) resolve(seen);
    };
    return promise;
  }

  leave(): void {
    this.#socket.destroy();
  }
}
