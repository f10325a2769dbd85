/** CPU time of processes, from /proc. A busy machine moves wall times, and hardly this. Linux alone. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Client } from 'pg';

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

/** CPU seconds of a process since it began, with those of its children. */
export function cpuSeconds(pid: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? [])
    .filter(({ parent }) => parent === pid);
  const own = readStat(pid);
  const ticks = (own ? own.ticks + own.reaped : 0) + children.reduce((sum, { ticks }) => sum + ticks, 0);
  return ticks / ticksPerSecond;
}

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
