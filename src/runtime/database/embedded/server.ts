// Finds and stops the running server by its marker in the process table. The pid file is not trusted: it outlives a
// crash, and its pid may since belong to another process. The caller holds the lock.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { packagedPaths } from './binaries.ts';
import { haveEnded, listProcesses, type RunningProcess } from './processes.ts';
import { hasCode } from '../../error-code.ts';

export type Server = { process: RunningProcess; port: number };

const runFile = promisify(execFile);
const POSTMASTER = /^"?[^"]*[/\\]bin[/\\]postgres(?:\.exe)?"? -D /;
const PORT = / -p (?<port>\d+) /;

const FAST_STOP_MS = 20_000;
const IMMEDIATE_STOP_MS = 5_000;
const KILL_MS = 5_000;
const ORPHANS_LEAVE_MS = 1_000;

export async function findServer(marker: string): Promise<Server | undefined> {
  const running = (await ownProcesses(marker)).filter(({ command }) => POSTMASTER.test(command));
  // A child looks like its parent until it sets its title, so the oldest process is the server.
  const [eldest] = running.sort((a, b) => ageOrder(a).localeCompare(ageOrder(b)));
  const port = PORT.exec(eldest?.command ?? '')?.groups?.['port'];
  return eldest && port ? { process: eldest, port: Number(port) } : undefined;
}

/** Ends the children of a killed server. They hold the shared memory, so a new server would refuse to start. */
export async function endOrphans(marker: string): Promise<number> {
  const orphans = await ownProcesses(marker);
  // They end by themselves, unless they are in a long computation.
  if (!(await haveEnded(orphans, ORPHANS_LEAVE_MS))) await killAll(orphans);
  return orphans.length;
}

/** Tries a fast stop, then an immediate one, then SIGKILL. The data survive each of them. */
export async function stopServer(server: Server, marker: string): Promise<'fast' | 'immediate' | 'killed'> {
  await signal(server.process, 'SIGINT');
  if (await haveEnded([server.process], FAST_STOP_MS)) return 'fast';
  await signal(server.process, 'SIGQUIT');
  if (await haveEnded([server.process], IMMEDIATE_STOP_MS)) return 'immediate';
  await killAll(await ownProcesses(marker));
  return 'killed';
}

async function ownProcesses(marker: string): Promise<RunningProcess[]> {
  const isChild = (command: string): boolean => command.startsWith(`postgres: ${marker}: `);
  const isServer = (command: string): boolean =>
    POSTMASTER.test(command) && command.includes(`cluster_name=${marker}`);
  return (await listProcesses()).filter(({ command }) => isChild(command) || isServer(command));
}

function ageOrder({ startedAt, pid }: RunningProcess): string {
  return `${startedAt.padStart(40)}.${String(pid).padStart(10)}`;
}

async function killAll(doomed: RunningProcess[]): Promise<void> {
  await Promise.all(doomed.map((one) => signal(one, 'SIGKILL')));
  if (await haveEnded(doomed, KILL_MS)) return;
  throw new Error(
    `Processes of the embedded PostgreSQL do not end, not even killed: ${doomed.map(({ pid }) => pid).join(', ')}`,
  );
}

async function signal({ pid }: RunningProcess, name: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void> {
  // Windows has no signals; PostgreSQL has its own substitute, which pg_ctl sends.
  if (process.platform === 'win32') return signalByPgCtl(pid, name.slice('SIG'.length));
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

async function signalByPgCtl(pid: number, name: string): Promise<void> {
  const { pg_ctl } = await packagedPaths();
  // It fails if the process has already ended, which is fine.
  await runFile(pg_ctl, ['kill', name, String(pid)], { windowsHide: true }).catch(() => undefined);
}
