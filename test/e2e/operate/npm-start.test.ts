/** `npm start` as people and other programs end it: whatever npm is told or suffers, no process stays behind. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  findProcess,
  haveEnded,
  type RunningProcess,
} from '../../../src/runtime/database/embedded/processes.ts';
import { findDatabase, killOutright, ServiceProcess, signal } from '../../support/servers/processes.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';

const queues = await queuesOfFile();
/** Longer than a process is given to stop. */
const soonMs = 30_000;

let folder: string;
let settings: Record<string, string>;
let service: ServiceProcess;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'npm-start-'));
  settings = { DATA_DIR: folder, PORT: '0', ...queues };
});

afterEach(async () => {
  await killOutright(service, await findDatabase(folder));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

type Ending = { ending: string; name: NodeJS.Signals; isGroup: boolean };

const killed: Ending = { ending: 'SIGKILL to npm alone', name: 'SIGKILL', isGroup: false };
const interrupted: Ending = { ending: 'Ctrl-C at its terminal', name: 'SIGINT', isGroup: true };

const endings: readonly Ending[] = [
  { ending: 'SIGTERM to npm alone', name: 'SIGTERM', isGroup: false },
  { ending: 'SIGINT to npm alone', name: 'SIGINT', isGroup: false },
  killed,
  interrupted,
  { ending: 'the end of its terminal', name: 'SIGHUP', isGroup: true },
];

const runs = [
  ...endings.map((each) => ({ command: 'npm start', message: 'all processes started', ...each })),
  ...[killed, interrupted].map((each) => ({
    command: 'npm start -- --one-process',
    message: 'started',
    ...each,
  })),
];

test.each(runs)(
  '$ending leaves no process of `$command`',
  { timeout: 120_000 },
  async ({ command, message, name, isGroup }) => {
    service = await ServiceProcess.npm(command.split(' ').slice(1), settings);
    await service.logged(message, 80_000);
    const begun = service.lines('a process begins').length;
    const running = await everyProcess(message);
    expect(running.length).toBeGreaterThan(begun + 2);
    signal(isGroup ? -service.pid : service.pid, name);
    await service.ended;
    expect(await haveEnded(running, soonMs)).toBe(true);
    expect(await everyProcess(message)).toEqual([]);
    expect(service.lines('a process begins')).toHaveLength(begun);
    expect(service.errors).toEqual([]);
  },
);

/** npm, the processes that it or the supervisor started, and those of PostgreSQL. */
async function everyProcess(message: string): Promise<RunningProcess[]> {
  const logged = [...service.lines('a process begins'), ...service.lines(message)];
  const pids = new Set([service.pid, ...logged.map(({ pid }) => Number(pid))]);
  const found = await Promise.all([...pids].map(findProcess));
  return [...found.filter((each) => each !== undefined), ...(await findDatabase(folder))];
}

test('a process whose supervisor is killed while it loads stops by itself', { timeout: 60_000 }, async () => {
  service = await ServiceProcess.start('all', settings);
  const { pid } = await service.logged('a process begins');
  const web = await findProcess(Number(pid));
  expect(web).toBeDefined();
  signal(service.pid, 'SIGKILL');
  expect(await haveEnded(web ? [web] : [], soonMs)).toBe(true);
  expect(await findDatabase(folder)).toEqual([]);
});
