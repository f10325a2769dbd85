/** The command `spendwatch doctor`. */
import type { Command } from 'commander';
import type { Check } from '../doctor/check.ts';
import { examine } from '../doctor/examine.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print } from './command.ts';

export const doctorCommand = (shell: Shell): Command =>
  createCommand({
    name: 'doctor',
    description: 'Look whether everything this installation needs is reachable and rightly configured.',
    prints:
      'a line for each check, and what to fix; {"checks": [{"name", "status": ok|warn|fail, "seen", "fix"}]} with --json. Fails when a check does',
    example: 'npx spendwatch doctor',
  }).action(async (options: { json?: boolean }) => {
    const checks = await examine(shell.env);
    print(shell, { json: { checks }, text: checks.map(textOf).join('\n') }, options);
    // A check that hangs was given up, but would keep the process alive.
    shell.end(checks.some(({ status }) => status === 'fail') ? 1 : 0);
  });

const nameWidth = 18;

function textOf({ name, status, seen, fix }: Check): string {
  const line = `${status.padEnd(4)}  ${name.padEnd(nameWidth)}  ${seen}`;
  return fix === undefined ? line : `${line}\n${' '.repeat(nameWidth + 8)}→ ${fix}`;
}
