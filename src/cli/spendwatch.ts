/** The operator's command line. Owns which commands there are; each stands in `commands/`. */
import { Command } from 'commander';
import { onClosedOutput } from '../closed-output.ts';
import { failureOf } from './failure.ts';
import { deliveryCommand } from './commands/delivery.ts';
import { doctorCommand } from './commands/doctor.ts';
import { importCommand } from './commands/import.ts';
import { jobCommand } from './commands/job.ts';
import { keyCommand } from './commands/key.ts';
import { migrateCommand } from './commands/migrate.ts';
import { tenantCommand } from './commands/tenant.ts';
import { tokenCommand } from './commands/token.ts';
import { webhookCommand } from './commands/webhook.ts';

const where = `
Database:
  DATABASE_URL where it is set; else the embedded PostgreSQL of DATA_DIR (.data): the one that
  runs, or one started for the command and stopped after it.

Example:
  $ npx spendwatch tenant create --name "Acme" --timezone Europe/Berlin --currency EUR`;

const createProgram = (): Command =>
  new Command('spendwatch')
    .description('Runs a Spendwatch installation: its database, tenants, keys, tokens and scheduled jobs.')
    .showHelpAfterError('(add --help to see how it is used)')
    .addCommand(migrateCommand())
    .addCommand(tenantCommand())
    .addCommand(keyCommand())
    .addCommand(webhookCommand())
    .addCommand(tokenCommand())
    .addCommand(importCommand())
    .addCommand(jobCommand())
    .addCommand(deliveryCommand())
    .addCommand(doctorCommand())
    .addHelpText('after', where);

/** Runs one command line; a failure becomes one line on standard error and exit code 1. */
export async function main(args: readonly string[]): Promise<void> {
  // Those that take long listen for the signal; the others are as good as done.
  onClosedOutput([process.stdout, process.stderr], () => process.emit('SIGTERM', 'SIGTERM'));
  try {
    await createProgram().parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.stderr.write(`error: ${failureOf(error)}\n`);
    process.exitCode = 1;
  }
}
