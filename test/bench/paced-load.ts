/**
 * Posts at a steady rate, whether or not earlier requests are answered. Autocannon sends the requests of a second at
 * once, which is another load.
 */
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Load } from './load.ts';

const everyMs = 2;

export type PacedLoad = {
  url: string;
  seconds: number;
  eventsPerSecond: number;
  headers: Record<string, string>;
  body: () => string;
};

/** Times are measured from the moment at which a request was due. */
export async function pacedLoad({ url, seconds, eventsPerSecond, headers, body }: PacedLoad): Promise<Load> {
  const agent = new Agent({ keepAlive: true });
  const post = poster(url, { agent, headers: { 'content-type': 'application/json', ...headers } });
  const began = performance.now();
  const dueAt = (index: number) => began + (index * 1000) / eventsPerSecond;
  const count = seconds * eventsPerSecond;
  const answers: Promise<{ isAccepted: boolean; ms: number }>[] = [];
  while (answers.length < count) {
    while (answers.length < count && dueAt(answers.length) <= performance.now())
      answers.push(post(body(), dueAt(answers.length)));
    await delay(everyMs);
  }
  const all = await Promise.all(answers);
  agent.destroy();
  const times = all.map(({ ms }) => ms);
  const accepted = all.filter(({ isAccepted }) => isAccepted).length;
  return {
    requestsPerSecond: all.length / seconds,
    p50Ms: percentile(times, 50),
    p99Ms: percentile(times, 99),
    accepted,
    refused: all.length - accepted,
  };
}

const poster =
  (url: string, options: { agent: Agent; headers: Record<string, string> }) =>
  (body: string, dueAt: number): Promise<{ isAccepted: boolean; ms: number }> =>
    new Promise((resolve) => {
      const end = (isAccepted: boolean) => resolve({ isAccepted, ms: performance.now() - dueAt });
      const sent = request(url, { ...options, method: 'POST' }, (response) => {
        const { statusCode = 0 } = response;
        response.resume().once('end', () => end(statusCode >= 200 && statusCode < 300));
      });
      sent.once('error', () => end(false));
      sent.end(body);
    });

export const percentile = (values: readonly number[], percent: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil((values.length * percent) / 100) - 1] ?? NaN;
