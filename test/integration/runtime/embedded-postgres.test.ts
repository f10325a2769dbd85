/** The embedded PostgreSQL with real processes: they join it, leave it and are killed, and the data survive. */
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, realpathSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  joinEmbeddedPostgres,
  type EmbeddedPostgres,
  type JoinOptions,
} from '../../../src/runtime/database/embedded/join.ts';

const MODULE = path.resolve(import.meta.dirname, '../../../src/runtime/database/embedded/join.ts');
const MEMBER = `
  const { joinEmbeddedPostgres } = await import(${JSON.stringify(MODULE)});
  const joined = await joinEmbeddedPostgres({ dataDir: process.argv[1] });
  process.stdin.once('data', () => joined.release().then(() => process.exit(0)));
  process.stdout.write(joined.url + '\\n');
`;
const SETTINGS = `select string_agg(setting, ' ' order by name) as said from pg_settings
  where name in ('fsync', 'listen_addresses', 'server_encoding', 'TimeZone')`;
const KEEP = 'drop table if exists kept; create table kept as select 42 as answer';
const KEPT = [{ answer: 42 }];
const WAIT_OPTIONS = { timeout: 20_000, interval: 5 };
const isRoot = process.getuid?.() === 0;
const hasNamespaces = spawnSync('unshare', ['--user', '--map-user=65534', '--', 'true']).status === 0;

let [made, folder, dataDir] = ['', '', ''];

beforeAll(async () => {
  made = await mkdtemp(path.join(realpathSync(tmpdir()), 'embedded-made-'));
  await (await joinEmbeddedPostgres({ dataDir: made })).release();
});

beforeEach(async () => {
  folder = await mkdtemp(path.join(realpathSync(tmpdir()), 'embedded-'));
  dataDir = path.join(folder, 'data');
});

/** Shares one database, which takes a second or two to create, among the tests that do not create their own. */
function useMade(): void {
  dataDir = made;
}

afterEach(async () => {
  const left = await serverProcesses();
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
  const apart = await movedTo();
  if (apart) await rm(apart, { recursive: true });
  await rm(folder, { recursive: true, maxRetries: 5 });
  if (left.length > 0) throw new Error(`left running: ${JSON.stringify(left)}`);
});

afterAll(() => rm(made, { recursive: true }));

describe('a fresh folder', () => {
  it('gets a database that stops with its last user and keeps its data', async () => {
    const first = await join();
    expect(await query(first.url, SETTINGS)).toEqual([{ said: 'UTC on 127.0.0.1 UTF8' }]);
    await query(first.url, "create table kept as select 'Überweisung' as word");
    await first.release();
    expect(await serverProcesses()).toEqual([]);

    const second = await join();
    expect(await query(second.url, 'select word from kept')).toEqual([{ word: 'Überweisung' }]);
    await second.release();
  });

  it('gets one server for two processes that start together, and keeps it for the second', async () => {
    const [first, second] = await Promise.all([startMember(), startMember()]);
    expect(second.url).toBe(first.url);
    const pid = await serverPid();
    await first.leave();
    expect(await serverPid()).toBe(pid);
    await second.leave();
    expect(await serverProcesses()).toEqual([]);
  });

  it('gets a new database when its creation was killed', async () => {
    const starter = launchMember();
    await vi.waitFor(async () => expect(await halfMade()).not.toEqual([]), WAIT_OPTIONS);
    expect(existsSync(path.join(dataDir, 'postgres'))).toBe(false);
    await endProcess(starter);
    const joined = await join();
    expect(await query(joined.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await halfMade()).toEqual([]);
    await joined.release();
  });
});

describe('a join', () => {
  beforeEach(useMade);

  it('takes settings and another database, and refuses a wrong password', async () => {
    const joined = await join({ database: 'odd "name"', settings: { max_connections: '17' } });
    expect(await query(joined.url, 'select current_database() as name')).toEqual([{ name: 'odd "name"' }]);
    expect(await query(joined.url, 'show max_connections')).toEqual([{ max_connections: '17' }]);
    const stranger = joined.url.replace(/:[^:@]+@/, ':guess@');
    await expect(query(stranger, 'select')).rejects.toThrow(/password authentication failed/);
    expect((await stat(path.join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
    await joined.release();
  });

  it('stops the server only after as many releases as joins of one process', async () => {
    const [first, second] = await Promise.all([join(), join()]);
    await first.release();
    await first.release();
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.release();
    expect(await serverProcesses()).toEqual([]);
  });
});

describe('a join after a crash', () => {
  beforeEach(useMade);

  it('uses the server of a killed starter, and stops it as its last user', async () => {
    const starter = await startMember();
    const pid = await serverPid();
    await starter.kill();
    const joined = await join();
    expect(await serverPid()).toBe(pid);
    expect(joined.url).toBe(starter.url);
    await joined.release();
    expect(await serverProcesses()).toEqual([]);
  });

  it('starts a killed server again, even if its pid now belongs to another process', async () => {
    const starter = await startMember();
    await query(starter.url, KEEP);
    const killed = await serverProcesses();
    await starter.kill();
    await killAll(killed);
    const pidFile = path.join(dataDir, 'postgres', 'postmaster.pid');
    // The parent's pid and not this process's own: PostgreSQL ignores a file that names its parent.
    await writeFile(pidFile, (await readFile(pidFile, 'utf8')).replace(/^\d+/, String(process.ppid)));

    const joined = await join();
    expect(await query(joined.url, 'select answer from kept')).toEqual(KEPT);
    await joined.release();
  });

  it('ends the child processes that a killed server left behind', async () => {
    const starter = await startMember();
    await query(starter.url, KEEP);
    const [server, ...children] = await serverProcesses();
    const leftChild = children.find(({ command }) => command.includes('checkpointer'));
    if (server === undefined || leftChild === undefined)
      throw new Error('no server with a checkpointer runs');
    process.kill(leftChild.pid, 'SIGSTOP');
    await starter.kill();
    await killAll([server]);
    expect((await serverProcesses()).map(({ pid }) => pid)).toContain(leftChild.pid);

    const joined = await join();
    expect(await query(joined.url, 'select answer from kept')).toEqual(KEPT);
    expect((await serverProcesses()).map(({ pid }) => pid)).not.toContain(leftChild.pid);
    await joined.release();
  });

  it('does not count a user whose pid was reused', async () => {
    const joined = await join();
    await writeFile(path.join(dataDir, 'users', `${process.pid}-1.abcdef`), '');
    await joined.release();
    expect(await serverProcesses()).toEqual([]);
    expect(await readdir(path.join(dataDir, 'users'))).toEqual([]);
  });
});

describe('a join that cannot work', () => {
  beforeEach(useMade);

  it('says how to move data of another major version', async () => {
    const file = path.join(dataDir, 'postgres', 'PG_VERSION');
    await writeFile(file, '17\n');
    onTestFinished(() => writeFile(file, '18\n'));
    await expect(join()).rejects.toThrow(/made by PostgreSQL 17, this is PostgreSQL 18: dump it/);
    expect(await readdir(path.join(dataDir, 'users'))).toEqual([]);
  });

  it("reports the server's own message, and counts no user", async () => {
    const message = /does not start[^]*invalid value for parameter "shared_buffers"/;
    await expect(join({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(message);
    expect(await readdir(path.join(dataDir, 'users'))).toEqual([]);
  });
});

describe.runIf(isRoot)('the server of root in a folder that only root may enter', () => {
  beforeEach(() => chmod(folder, 0o700));

  it('runs as a system user in a folder apart, and is found there again', async () => {
    const joined = await joinEmbeddedPostgres({ dataDir }, 'system-user');
    await query(joined.url, KEEP);
    const apart = (await movedTo()) ?? '';
    expect((await stat(path.join(apart, 'postgres'))).uid).not.toBe(0);
    await joined.release();

    const again = await joinEmbeddedPostgres({ dataDir }, 'system-user');
    expect(await query(again.url, 'select answer from kept')).toEqual(KEPT);
    expect(await movedTo()).toBe(apart);
    await again.release();
  });

  it.runIf(hasNamespaces)(
    'runs in a user namespace, and moves to a system user and back with its data',
    async () => {
      const before = await join();
      await query(before.url, KEEP);
      expect((await stat(path.join(dataDir, 'postgres'))).uid).toBe(0);
      expect(await movedTo()).toBeUndefined();
      await before.release();
      for (const runAs of ['system-user', 'user-namespace'] as const) {
        const after = await joinEmbeddedPostgres({ dataDir }, runAs);
        expect(await query(after.url, 'select answer from kept')).toEqual(KEPT);
        await after.release();
      }
    },
  );
});

type Listed = { pid: number; command: string };

function join(options: Partial<JoinOptions> = {}): Promise<EmbeddedPostgres> {
  return joinEmbeddedPostgres({ dataDir, ...options });
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Starts another process that joins, and leaves on request. */
async function startMember() {
  const child = launchMember();
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  const leave = async (): Promise<void> => {
    child.stdin.write('leave\n');
    expect(await once(child, 'exit')).toEqual([0, null]);
  };
  return { url, leave, kill: () => endProcess(child) };
}

function launchMember() {
  const args = ['--input-type=module', '--eval', MEMBER, dataDir];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Kills the process with its group, as a terminal or a supervisor would. */
async function endProcess(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
  await exited;
}

async function killAll(doomed: Listed[]): Promise<void> {
  for (const { pid } of doomed) process.kill(pid, 'SIGKILL');
  const isDoomed = ({ pid }: Listed): boolean => doomed.some((one) => one.pid === pid);
  await vi.waitFor(async () => expect((await listProcesses()).filter(isDoomed)).toEqual([]), WAIT_OPTIONS);
}

/** The server first, then its child processes: the cluster's name stands in their titles. */
async function serverProcesses(): Promise<Listed[]> {
  const name = `spendwatch-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
  const own = (await listProcesses()).filter(({ command }) => command.includes(name));
  return own.sort((a, b) => Number(b.command.includes(' -D ')) - Number(a.command.includes(' -D ')));
}

async function serverPid(): Promise<number | undefined> {
  return (await serverProcesses())[0]?.pid;
}

/** Lists all processes except zombies, which have the state Z. */
async function listProcesses(): Promise<Listed[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eww', '-o', 'pid=,stat=,args='], { maxBuffer: 1e8 });
  const lines = stdout.matchAll(/^ *(\d+) +[^Z\s]\S* +(.*)$/gm);
  return Array.from(lines, ([, pid, command = '']) => ({ pid: Number(pid), command }));
}

async function movedTo(): Promise<string | undefined> {
  const note = path.join(dataDir, 'moved-to');
  return existsSync(note) ? (await readFile(note, 'utf8')).trim() : undefined;
}

async function halfMade(): Promise<string[]> {
  return existsSync(dataDir) ? (await readdir(dataDir)).filter((name) => name.includes('making')) : [];
}
