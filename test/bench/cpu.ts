/** CPU time of processes, from /proc. A busy machine moves wall times, and hardly this. Linux alone. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { countEvents } from './check.ts';
import type { BenchResult } from './result.ts';

/** Clock ticks of the kernel a second, on every Linux. */
const ticksPerSecond = 100;

type Stat = { pid: number; parent: number; ticks: number; reaped: number };

function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold spaces. The fields after it begin with the third.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0] = fields.slice(1);
    const [user = 0, system = 0, reapedUser = 0, reapedSystem = 0] = fields.slice(11);
    return { pid, parent, ticks: user + system, reaped: reapedUser + reapedSystem };
  } catch {
    // It has ended.
    return null;
  }
}

/** CPU seconds of a process since it began. Those of its children count too, except where the process is this one. */
function cpuSeconds(pid: number): number {
  if (pid === process.pid) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? [])
    .filter(({ parent }) => parent === pid);
  const own = readStat(pid);
  if (!own) throw new Error(`process ${pid} has ended, so its CPU time cannot be read`);
  return children.reduce((sum, { ticks }) => sum + ticks, own.ticks + own.reaped) / ticksPerSecond;
}

/** CPU seconds by the name of a process. */
type Cpu = Record<string, number>;

/** Runs `work` and measures what each process uses meanwhile. `pids` has the processes by name. */
export async function measureCpu<T>(
  pids: Record<string, number>,
  work: () => Promise<T>,
): Promise<{ result: T; cpu: Cpu }> {
  const read = (): Cpu =>
    Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuSeconds(pid)]));
  const before = read();
  const result = await work();
  const cpu = Object.entries(read()).map(([name, after]) => [name, after - (before[name] ?? 0)]);
  return { result, cpu: Object.fromEntries(cpu) as Cpu };
}

/** Does the same, and counts the events that are stored meanwhile. */
export async function measureEvents<T>(
  client: Client,
  pids: Record<string, number>,
  work: () => Promise<T>,
): Promise<{ result: T; cpu: Cpu; count: number }> {
  const stored = await countEvents(client);
  const measured = await measureCpu(pids, work);
  return { ...measured, count: (await countEvents(client)) - stored };
}

/** A row for each process: its share of one of `count` things, such as `an event`. */
export const cpuFigures = (
  what: string,
  { cpu, count, unit = 'µs' }: { cpu: Cpu; count: number; unit?: 'µs' | 'ms' },
): BenchResult['figures'] =>
  Object.fromEntries(
    Object.entries(cpu).map(([name, seconds]) => [
      `CPU ${what}, ${name}`,
      { value: (seconds / count) * (unit === 'ms' ? 1e3 : 1e6), unit },
    ]),
  );

/** The process that all processes of this PostgreSQL server are children of. */
export async function serverPid(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const parent = readStat(rows[0]?.pid ?? 0)?.parent;
  if (!parent) throw new Error('PostgreSQL runs on another machine, so its CPU time cannot be read');
  return parent;
}

export const memoryMb = (pid: number): number => {
  const [, resident = '0'] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ');
  return (Number(resident) * 4096) / 2 ** 20;
};
