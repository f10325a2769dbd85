/** Starts the programs that a benchmark measures. */
import { readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The arguments of Node with which the Procfile starts a process. */
export function processOf(role: 'web' | 'worker' | 'clock'): string[] {
  const line = new RegExp(`^${role}: .*\\bnode (?<args>.+)$`, 'm').exec(readFileSync('Procfile', 'utf8'));
  if (!line?.groups?.['args']) throw new Error(`the Procfile has no process ${role}`);
  return line.groups['args'].split(' ');
}

/** Runs a program that logs its `url` while `work` runs. */
export async function withProcess<T>(
  args: readonly string[],
  env: Record<string, string>,
  work: (url: string, pid: number) => Promise<T>,
): Promise<T> {
  await using program = await startProcess(args, env);
  if (!program.url) throw new Error('the program started without telling its url');
  return await work(program.url, program.pid);
}

/** Starts a program and waits for its log line with `url`, which is null without a server. It ends with its scope. */
export async function startProcess(
  args: readonly string[],
  env: Record<string, string>,
): Promise<AsyncDisposable & { url: string | null; pid: number }> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  if (child.pid === undefined) throw new Error('the program did not start');
  return { url: await readUrl(child.stdout), pid: child.pid, [Symbol.asyncDispose]: stop };
}

async function readUrl(output: NodeJS.ReadableStream): Promise<string | null> {
  for await (const line of createInterface({ input: output })) {
    const { url } = JSON.parse(line) as { url?: string | null };
    if (url !== undefined) {
      output.resume();
      return url;
    }
  }
  throw new Error('the program ended before it was ready');
}
