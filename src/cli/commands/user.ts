/** The commands `spendwatch user …`. */
import { Command } from 'commander';
import type { Shell } from '../shell.ts';
import { erasePersonCommand } from './erase-person.ts';
import { exportPersonCommand } from './export-person.ts';
import { signOutPersonCommand } from './sign-out.ts';

export const userCommand = (shell: Shell): Command =>
  new Command('user')
    .description('The people of a tenant.')
    .addCommand(exportPersonCommand(shell))
    .addCommand(erasePersonCommand(shell))
    .addCommand(signOutPersonCommand(shell));
