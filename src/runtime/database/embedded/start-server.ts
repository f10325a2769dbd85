// Starts the server, and tries again after an obstacle that passes: a port taken in between, a predecessor that is
// still stopping, shared memory not freed yet. The caller holds the lock.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { findBinaries, type Binaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { becomesReady } from './connect.ts';
import { readIfThere } from './files.ts';
import { prepareHome } from './home.ts';
import { findProcess, isRunning } from './processes.ts';
import { chooseRunner, type RunAs, type Runner } from './run-as.ts';
import { endOrphans, findServer, type Server } from './server.ts';

export type ServerHome = { dataDir: string; marker: string; password: string };
type StartOptions = { settings: Record<string, string>; runAs: RunAs | undefined };
type RunningServer = Server & { startedBy: 'us' | 'another' };

type Ready = { data: string; binaries: Binaries; runner: Runner };

const ATTEMPTS = 5;
// Recovery after a crash replays up to max_wal_size, which takes long on a slow disk.
const READY_MS = 120_000;
const LOG_BYTES = 10 * 1024 * 1024;

const PASSES =
  /Address already in use|could not create any TCP\/IP sockets|lock file "postmaster\.pid" already exists|shared memory block/;

const DEFAULTS = {
  max_connections: '100',
  shared_buffers: '256MB',
  // The default of 4 is for rotating disks: on an SSD the planner would read whole tables where an index is cheaper.
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Returns the running server, or starts one. Throws with the end of the server's own log. */
export async function findOrStart(place: ServerHome, options: StartOptions): Promise<RunningServer> {
  let complaint = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const found = await findReady(place);
    if (found) return { ...found, startedBy: 'another' };
    const ready = await prepare(place, options);
    const outcome = await startOnce(place, ready, options.settings);
    if (typeof outcome !== 'string') return { ...outcome, startedBy: 'us' };
    complaint = outcome;
    if (!PASSES.test(complaint)) break;
  }
  throw new Error(
    `The embedded PostgreSQL does not start, its log ${logFile(place.dataDir)} ends with:\n${complaint}`,
  );
}

/** A server that is just stopping is waited for and does not count. */
async function findReady({ marker, password }: ServerHome): Promise<Server | undefined> {
  const server = await findServer(marker);
  if (server === undefined) return undefined;
  const isAlive = (): Promise<boolean> => isRunning(server.process);
  return (await becomesReady({ port: server.port, password }, isAlive, READY_MS)) ? server : undefined;
}

async function prepare({ dataDir, marker, password }: ServerHome, { runAs }: StartOptions): Promise<Ready> {
  await endOrphans(marker);
  const runner = await chooseRunner(runAs);
  const home = await prepareHome(dataDir, marker, runner);
  const binaries = await findBinaries(runner, home);
  const data = await ensureCluster({ home, binaries, runner, password });
  // No server of ours runs. The pid in the file is another process's, which PostgreSQL would take for a server.
  await rm(path.join(data, 'postmaster.pid'), { force: true });
  return { data, binaries, runner };
}

/** Returns the server, or the end of its log if it has ended. */
async function startOnce(
  place: ServerHome,
  ready: Ready,
  settings: Record<string, string>,
): Promise<Server | string> {
  const port = await freePort();
  const log = logFile(place.dataDir);
  const logged = await sizeAfterTurning(log);
  const child = await spawnServer(ready, log, serverArgs(ready.data, port, place.marker, settings));
  const isAlive = async (): Promise<boolean> => child.exitCode === null && child.signalCode === null;
  const isReady = await becomesReady({ port, password: place.password }, isAlive, READY_MS);
  const running = isReady && child.pid ? await findProcess(child.pid) : undefined;
  return running ? { process: running, port } : logSince(log, logged);
}

/** Spawns in a new session, so neither the terminal's signals nor the end of this process reach the server. */
async function spawnServer({ binaries, runner }: Ready, log: string, args: string[]): Promise<ChildProcess> {
  const { file, args: allArgs, options } = runner.command(binaries.postgres, args);
  const output = await open(log, 'a', 0o600);
  try {
    const child = spawn(file, allArgs, {
      ...options,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    await once(child, 'spawn');
    child.unref();
    return child;
  } finally {
    await output.close();
  }
}

/** `findServer` reads the marker and the port from the command line. If a setting is given twice the last wins. */
function serverArgs(data: string, port: number, marker: string, settings: Record<string, string>): string[] {
  const own = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    logging_collector: 'off',
    cluster_name: marker,
  };
  const all = { ...DEFAULTS, ...settings, ...own };
  return [
    '-D',
    data,
    '-p',
    String(port),
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

async function freePort(): Promise<number> {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The system gave no TCP port');
  return address.port;
}

function logFile(dataDir: string): string {
  return path.join(dataDir, 'postgres.log');
}

async function sizeAfterTurning(log: string): Promise<number> {
  const size = (await readIfThere(log)) === undefined ? 0 : (await stat(log)).size;
  if (size < LOG_BYTES) return size;
  await rename(log, `${log}.1`);
  return 0;
}

async function logSince(log: string, bytes: number): Promise<string> {
  const lines = Buffer.from((await readIfThere(log)) ?? '')
    .subarray(bytes)
    .toString()
    .trim()
    .split('\n');
  return lines.slice(-12).join('\n');
}
