/** Runs `spendwatch …` in this process with the same output, because a process of its own takes seconds to start. */
import { runCommandLine } from '../../../src/cli/spendwatch.ts';

export type Ran = { code: number; stdout: string; stderr: string };

class Written {
  text = '';
  write(text: string): void {
    this.text += text;
  }
}

export async function runLine(env: Record<string, string>, ...args: string[]): Promise<Ran> {
  const [output, errors] = [new Written(), new Written()];
  let ended: number | null = null;
  const end = (code: number): void => void (ended = code);
  const code = await runCommandLine(args, { env, output, errors, end });
  return { code: ended ?? code, stdout: output.text, stderr: errors.text };
}

/** Returns the JSON of `spendwatch …args --json`; rejects with its standard error and exit code. */
export async function runCommand(
  env: Record<string, string>,
  ...args: string[]
): Promise<Record<string, unknown>> {
  const ran = await runLine(env, ...args, '--json');
  if (ran.code !== 0) throw Object.assign(new Error(`Command failed: ${ran.stderr}`), ran);
  // Every command prints one JSON object or, for lists, an array, which no caller here asks for.
  return JSON.parse(ran.stdout) as Record<string, unknown>;
}
