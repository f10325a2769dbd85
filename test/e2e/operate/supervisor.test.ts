/** `npm start` runs each role as a process of its own. One that ends is replaced, and all of them stop together. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommand } from '../../support/servers/command-line.ts';
import {
  findDatabase,
  killOutright,
  type LogLine,
  ServiceProcess,
  signal,
} from '../../support/servers/processes.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';

const queues = await queuesOfFile();
const soon = { timeout: 40_000, interval: 50 };

let folder: string;
let settings: Record<string, string>;
let service: ServiceProcess;
let url: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'supervisor-'));
  settings = { DATA_DIR: folder, PORT: '0', ...queues };
  service = await ServiceProcess.start('all', settings);
  // Three processes start, two of them after the first.
  url = String((await service.logged('all processes started', 80_000))['url']);
}, 90_000);

afterEach(async () => {
  await killOutright(service, await findDatabase(folder));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const begun = (role: string): LogLine[] =>
  service.lines('a process begins').filter((line) => line['role'] === role);

const pidOf = (role: string): number => Number(begun(role).at(-1)?.['pid']);

const isUp = async (): Promise<boolean> =>
  (await fetch(`${url}/health/ready`).catch(() => null))?.status === 200;

test(
  'a worker that is killed is replaced, and evaluates what came meanwhile',
  { timeout: 120_000 },
  async () => {
    const { apiKey } = await runCommand(settings, 'tenant', 'create', '--name', 'Supervised');
    signal(pidOf('worker'), 'SIGKILL');
    const now = new Date().toISOString();
    const data = {
      expenseId: 'x',
      userId: 'u',
      categoryId: 'c',
      amount: '1.00',
      currency: 'USD',
      spentAt: now,
    };
    const headers = { authorization: `Bearer ${String(apiKey)}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ id: 'e', type: 'expense.created', time: now, data });
    expect((await fetch(`${url}/api/events`, { method: 'POST', headers, body })).status).toBe(202);
    await vi.waitFor(() => expect(begun('worker')).toHaveLength(2), soon);
    await vi.waitFor(async () => {
      const status = await (await fetch(`${url}/api/events/api/e`, { headers })).json();
      expect(status).toMatchObject({ status: 'applied' });
    }, soon);
    expect(begun('web')).toHaveLength(1);
    expect(service.lines('a process ended and is started again')).toMatchObject([
      { role: 'worker', code: null, signal: 'SIGKILL' },
    ]);
  },
);

test('processes whose supervisor is killed stop by themselves, and their database with them', async () => {
  expect(await isUp()).toBe(true);
  signal(service.pid, 'SIGKILL');
  await vi.waitFor(async () => expect(await findDatabase(folder)).toEqual([]), soon);
  expect(await isUp()).toBe(false);
});
