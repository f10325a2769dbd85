/** The commands `spendwatch user …`. */
import { Command } from 'commander';
import type { Shell } from '../shell.ts';
import { signOutPersonCommand } from './sign-out.ts';

export const userCommand = (shell: Shell): Command =>
  new Command('user').description('The people of a tenant.').addCommand(signOutPersonCommand(shell));
