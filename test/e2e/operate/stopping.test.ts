/** A service ends without errors and leaves no database running, however it is stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../../support/servers/command-line.ts';
import {
  environment,
  findDatabase,
  killOutright,
  ServiceProcess,
  signal,
} from '../../support/servers/processes.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';

const queues = await queuesOfFile();
let folder: string;
let settings: Record<string, string>;
const begun: ServiceProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stopping-'));
  settings = { DATA_DIR: folder, PORT: '0', ...queues };
});

afterEach(async () => {
  for (const service of begun.splice(0)) await killOutright(service, await findDatabase(folder));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function startAll(): Promise<ServiceProcess> {
  const service = await ServiceProcess.start('all --one-process', settings);
  begun.push(service);
  return service;
}

async function expectNothingLeft(): Promise<void> {
  expect(await findDatabase(folder)).toEqual([]);
  expect(await readdir(path.join(folder, 'users'))).toEqual([]);
}

test(
  'a service ends cleanly when it and its database get SIGTERM together, in either order',
  { timeout: 60_000 },
  async () => {
    for (const isFirst of [true, false]) {
      const service = await startAll();
      await service.logged('started');
      const database = (await findDatabase(folder)).map(({ pid }) => pid);
      expect(database.length).toBeGreaterThan(5);
      for (const pid of isFirst ? [...database, service.pid] : [service.pid, ...database])
        signal(pid, 'SIGTERM');
      expect(await service.ended).toEqual({ code: 0, signal: null });
      expect(service.errors).toEqual([]);
      await expectNothingLeft();
    }
  },
);

test('a service ends cleanly when it gets SIGTERM before it has started', { timeout: 60_000 }, async () => {
  const service = await startAll();
  await service.logged('joined the embedded PostgreSQL');
  process.kill(service.pid, 'SIGTERM');
  expect(await service.ended).toEqual({ code: 0, signal: null });
  await expectNothingLeft();
});

test('a service ends cleanly when the reader of its log goes away', { timeout: 60_000 }, async () => {
  const env = environment({ ...settings, LOG_LEVEL: 'debug' });
  const child = spawn(process.execPath, ['src/main.ts', 'all', '--one-process'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const url = await readUrl(createInterface(child.stdout));
  child.stdout.destroy();
  // The request is logged, and the write shows the service that its reader is gone.
  await fetch(`${url}/health/live`);
  await closed;
  expect({ code: child.exitCode, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^(?:Spendwatch: .*\nBull Board: .*\n)?$/),
  });
  await expectNothingLeft();
});

async function readUrl(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const { msg, url } = JSON.parse(line) as { msg: string; url?: string };
    if (msg === 'started' && url) return url;
  }
  throw new Error('it ended before it was up');
}

test('a service whose DATA_DIR is a file or cannot be created ends with a message', async () => {
  const file = path.join(folder, 'file');
  await writeFile(file, '');
  const wrong = [
    [file, `setting DATA_DIR: ${file} is a file\n`],
    [path.join(file, 'below'), `setting DATA_DIR: ${file} is a file\n`],
    // No folder can be created under /proc, and Node's recursive mkdir never ends there.
    ...(process.platform === 'linux' ? [['/proc/none', 'cannot make the folder /proc/none: ENOENT']] : []),
  ] as const;
  for (const [dataDir = '', message = ''] of wrong) {
    settings['DATA_DIR'] = dataDir;
    const service = await startAll();
    expect(await service.ended).toEqual({ code: 1, signal: null });
    expect(service.obituary).toContain(message);
    expect(service.obituary).not.toContain('    at ');
  }
  settings['DATA_DIR'] = folder;
});

test('a command that only reads creates no database in a mistyped folder', async () => {
  const typo = path.join(folder, 'typo');
  const missing = { DATA_DIR: typo, ...queues };
  for (const line of ['job list', 'key revoke 01a20366-d534-7ad4-baa5-cf2d9295768f'])
    await expect(runCommand(missing, ...line.split(' '))).rejects.toThrow(
      `there is no database in ${typo}: set DATA_DIR or DATABASE_URL, or start the service first`,
    );
  await expect(runCommand(missing, 'doctor')).rejects.toThrow('Command failed');
  expect(await readdir(folder)).toEqual([]);
  const { tenantId } = await runCommand(missing, 'tenant', 'create', '--name', 'First');
  expect(tenantId).toEqual(expect.any(String));
  await expect(runCommand(missing, 'job', 'list')).resolves.toContainEqual(
    expect.objectContaining({ job: 'sweep-pending', latest: null }),
  );
}, 60_000);
