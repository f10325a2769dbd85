/**
 * The service as operators run it: real processes on a data folder, started by command line. They are killed together
 * with their embedded PostgreSQL.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { readIfThere } from '../../../src/runtime/database/embedded/files.ts';
import { hasCode } from '../../../src/runtime/error-code.ts';
import {
  findProcess,
  haveEnded,
  listProcesses,
  type RunningProcess,
} from '../../../src/runtime/database/embedded/processes.ts';

const projectRoot = path.resolve(import.meta.dirname, '../../..');

export type Ending = { code: number | null; signal: NodeJS.Signals | null };
export type LogLine = Record<string, unknown> & { msg: string };

const timeoutMs = 30_000;

/**
 * The environment of a started process: the few variables it needs of this one, and the settings of the test. Most tests
 * expect an alert at once.
 */
export const environment = (settings: Record<string, string>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  TMPDIR: process.env['TMPDIR'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
  GROUP_WAIT_SECONDS: '0',
  ...settings,
});

/** One `node src/main.ts …`, or npm that runs it. It leads a process group of its own. */
export class ServiceProcess {
  readonly ended: Promise<Ending>;
  readonly pid: number;
  readonly #lines: LogLine[] = [];
  readonly #events = new EventEmitter();
  #errors = '';
  #ending: Ending | null = null;

  private constructor(child: ChildProcess, pid: number) {
    this.pid = pid;
    this.#events.setMaxListeners(0);
    const { stdout, stderr } = child;
    if (stdout) createInterface(stdout).on('line', (line) => this.#read(line));
    stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    this.ended = once(child, 'close').then(() => {
      this.#ending = { code: child.exitCode, signal: child.signalCode };
      return this.#ending;
    });
  }

  /** `openFiles`: the limit of open files, if it is not that of this process. */
  static async start(
    role: string,
    settings: Record<string, string>,
    { program = 'src/main.ts', openFiles }: { program?: string; openFiles?: number } = {},
  ): Promise<ServiceProcess> {
    const limit = openFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh'];
    return ServiceProcess.#spawn([...limit, process.execPath, program, ...role.split(' ')], settings);
  }

  /** `npm …args`, in the project. */
  static npm(args: readonly string[], settings: Record<string, string>): Promise<ServiceProcess> {
    return ServiceProcess.#spawn(['npm', ...args], settings);
  }

  static async #spawn(
    [command = '', ...args]: readonly string[],
    settings: Record<string, string>,
  ): Promise<ServiceProcess> {
    const child = spawn(command, args, {
      cwd: projectRoot,
      env: environment(settings),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(child, 'spawn');
    if (child.pid === undefined) throw new Error('the service has no process id');
    return new ServiceProcess(child, child.pid);
  }

  /** Its exit code and signal with its standard error; null while it runs. */
  get obituary(): string | null {
    return this.#ending && `${JSON.stringify(this.#ending)}\n${this.#errors}`;
  }

  /** Resolves with the first log line of this message; rejects after a time or if the process ends without it. */
  async logged(msg: string, withinMs = timeoutMs): Promise<LogLine> {
    const find = () => this.#lines.find((line) => line.msg === msg);
    const gaveUp = this.ended.then(() => {
      if (!find()) throw new Error(`ended before it logged "${msg}": ${this.obituary}`);
    });
    const timeout = AbortSignal.timeout(withinMs);
    while (!find()) await Promise.race([once(this.#events, 'line', { signal: timeout }), gaveUp]);
    // The loop ends only when the line is found.
    return find() as LogLine;
  }

  /** The lines of this message so far. */
  lines(msg: string): LogLine[] {
    return this.#lines.filter((line) => line.msg === msg);
  }

  /** The lines that it logged as errors or worse. */
  get errors(): LogLine[] {
    return this.#lines.filter((line) => Number(line['level']) >= 50);
  }

  /** The lines that it logged about its Redis client of that name. */
  linesOf(redis: string): LogLine[] {
    return this.#lines.filter((line) => line['redis'] === redis);
  }

  #read(line: string): void {
    if (!line.startsWith('{')) return;
    this.#lines.push(JSON.parse(line) as LogLine);
    this.#events.emit('line');
  }
}

/** The processes of the embedded PostgreSQL of `dataDir`, the server first; empty if it does not run. */
export async function findDatabase(dataDir: string): Promise<RunningProcess[]> {
  const server = await findProcess(Number(await readPid(dataDir)));
  return server ? [server, ...(await findChildren(server))] : [];
}

/** Finds the child processes by the server's cluster name, which stands in their titles. */
async function findChildren({ command }: RunningProcess): Promise<RunningProcess[]> {
  const mark = / cluster_name=(?<mark>\S+)/.exec(command)?.groups?.['mark'];
  if (!mark) throw new Error(`no server of this project: ${command}`);
  return (await listProcesses()).filter((each) => each.command.startsWith(`postgres: ${mark}: `));
}

async function readPid(dataDir: string): Promise<string | undefined> {
  // If its user may not enter the data folder, the server keeps its files in another one, named in `moved-to`.
  const home = (await readIfThere(path.join(dataDir, 'moved-to')))?.trim() ?? dataDir;
  return (await readIfThere(path.join(home, 'postgres/postmaster.pid')))?.split('\n')[0];
}

export type Killed = { ending: Ending; database: RunningProcess[] };

/**
 * Simulates a power cut: SIGKILL for the service's process group and for every process of its PostgreSQL, which has a
 * session of its own. The caller lists `database` before, so that the kill waits for nothing. Resolves once all have
 * ended.
 */
export async function killOutright(
  service: ServiceProcess,
  database: readonly RunningProcess[],
): Promise<Killed> {
  for (const { pid } of database) signal(pid, 'SIGKILL');
  signal(-service.pid, 'SIGKILL');
  const killed = [...database];
  const [server] = database;
  const born = server ? await findChildren(server) : [];
  for (const { pid } of born) signal(pid, 'SIGKILL');
  killed.push(...born.filter(({ pid }) => !database.some((known) => known.pid === pid)));
  const ending = await service.ended;
  if (!(await haveEnded(killed, timeoutMs))) throw new Error('processes of PostgreSQL outlive SIGKILL');
  return { ending, database: killed };
}

/** Signals a process that may have ended already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}
