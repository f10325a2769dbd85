/** Interactive shells, into which a test pastes what a document shows. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { environment } from './processes.ts';

const isInstalled = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, program)));

/** Without zsh its tests are skipped, but in CI they fail. */
export const isZshMissing = !isInstalled('zsh') && !process.env['CI'];

/** Without the user's own settings. Both read standard input as if a person typed it. */
export const interactiveShells = [
  { shell: 'bash', args: ['--noprofile', '--norc', '-i'], isMissing: false },
  { shell: 'zsh', args: ['-f', '-i'], isMissing: isZshMissing },
] as const;

type Written = { stdout: string; stderr: string };

/** One session, so that what is set stays set. */
export class ShellSession {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;
  #written: Written = { stdout: '', stderr: '' };
  #pasted = 0;

  constructor(shell: string, args: readonly string[], settings: Record<string, string>) {
    this.#child = spawn(shell, args, { env: environment(settings), detached: true });
    this.#ended = once(this.#child, 'close');
    for (const stream of ['stdout', 'stderr'] as const)
      this.#child[stream].on('data', (chunk: Buffer) => (this.#written[stream] += chunk.toString()));
    // Each command that fails is reported, not just the last one of a paste.
    this.#child.stdin.write(`trap 'echo "failed with $?: paste" >&2' ERR\n`);
  }

  /** Pastes the lines and resolves with what they write, once they are over. */
  async paste(lines: string): Promise<Written> {
    const end = `paste ${(this.#pasted += 1)} is over`;
    this.#written = { stdout: '', stderr: '' };
    this.#child.stdin.write(`${lines}\necho '${end}'\n`);
    const gone = this.#ended.then(() => {
      throw new Error(`the shell ended: ${JSON.stringify(this.#written)}`);
    });
    while (!this.#written.stdout.includes(end)) await Promise.race([once(this.#child.stdout, 'data'), gone]);
    return { ...this.#written, stdout: this.#written.stdout.replace(`${end}\n`, '') };
  }

  /** Ends the shell, and what it started last if that still runs: a test may have failed before it was stopped. */
  async end(): Promise<void> {
    this.#child.stdin.end('kill $! 2> /dev/null && wait $!\nexit 0\n');
    await this.#ended;
  }
}
