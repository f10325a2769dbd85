// The processes of this machine: pids with their start times, so that a reused pid is not mistaken for its first owner.
// Zombies count as dead. Linux reads /proc, other Unixes `ps`, Windows PowerShell.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { hasCode } from '../../error-code.ts';

export type RunningProcess = { pid: number; startedAt: string; command: string };

const runFile = promisify(execFile);
const TABLE_BYTES = 64 * 1024 * 1024;
const POLL_MS = 20;

export async function listProcesses(): Promise<RunningProcess[]> {
  if (process.platform === 'linux') return listFromProc();
  return process.platform === 'win32' ? listFromPowerShell() : listFromPs();
}

export async function findProcess(pid: number): Promise<RunningProcess | undefined> {
  if (process.platform === 'linux') return readFromProc(pid);
  return (await listProcesses()).find((running) => running.pid === pid);
}

/** Compares start times, so another process with the same pid does not count. */
export async function isRunning(wanted: { pid: number; startedAt: string }): Promise<boolean> {
  return (await findProcess(wanted.pid))?.startedAt === wanted.startedAt;
}

/** Returns true once none of them runs, false if one still does after `timeoutMs`. */
export async function haveEnded(watched: RunningProcess[], timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const running = await Promise.all(watched.map(isRunning));
    if (!running.includes(true)) return true;
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
}

export async function thisProcess(): Promise<RunningProcess> {
  const own = await findProcess(process.pid);
  if (own === undefined)
    throw new Error('Cannot read this process in the table of processes (is /proc mounted?)');
  return own;
}

async function listFromProc(): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => readFromProc(Number(pid))));
  return found.filter((running) => running !== undefined);
}

async function readFromProc(pid: number): Promise<RunningProcess | undefined> {
  try {
    const [stat, command, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The second field, the name, may contain spaces and brackets, so fields are counted from its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    // Start times count from boot, so they are unique only together with the boot's id.
    return {
      pid,
      startedAt: `${boot.slice(0, 8)}.${fields[19] ?? ''}`,
      command: command.replaceAll('\0', ' ').trim(),
    };
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

const PS_LINE =
  /^\s*(?<pid>\d+)\s+(?<state>\S+)\s+(?<started>\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(?<command>.*)$/;

async function listFromPs(): Promise<RunningProcess[]> {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
  const args = ['-axww', '-o', 'pid=,stat=,lstart=,command='];
  const { stdout } = await runFile('ps', args, { env, maxBuffer: TABLE_BYTES });
  return stdout.split('\n').flatMap((line) => {
    const { pid, state, started, command } = PS_LINE.exec(line)?.groups ?? {};
    if (!pid || !started || state?.startsWith('Z')) return [];
    return [{ pid: Number(pid), startedAt: started.replaceAll(/\W+/g, '_'), command: command ?? '' }];
  });
}

const POWERSHELL_LIST =
  'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId)|$($_.CreationDate.Ticks)|$($_.CommandLine)" }';

async function listFromPowerShell(): Promise<RunningProcess[]> {
  const args = ['-NoProfile', '-NonInteractive', '-Command', POWERSHELL_LIST];
  const { stdout } = await runFile('powershell.exe', args, { maxBuffer: TABLE_BYTES, windowsHide: true });
  return stdout.split(/\r?\n/).flatMap((line) => {
    const [pid, startedAt, ...command] = line.split('|');
    return pid && startedAt ? [{ pid: Number(pid), startedAt, command: command.join('|') }] : [];
  });
}
