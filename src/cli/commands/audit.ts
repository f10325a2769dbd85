/** The command `spendwatch audit list`. */
import { Command, Option } from 'commander';
import { type AuditRecord, listAudit } from '../../accounts/audit-record.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { instant, rowCount, uuid } from './options.ts';

export const auditCommand = (shell: Shell): Command =>
  new Command('audit')
    .description('The record of what operators, keys and the command line did, and of refused sign-ins.')
    .addCommand(listAuditCommand(shell));

type ListOptions = { tenant?: string; since?: Temporal.Instant; limit: number; json?: boolean };

const listAuditCommand = (shell: Shell): Command =>
  createCommand({
    name: 'list',
    description: 'Show what was done, newest first.',
    prints:
      'an action a line; [{"id", "at", "action", "actor", "tenantId", "userId", "subject", "address", "details"}] with --json, where what does not apply is null',
    example: 'npx spendwatch audit list --since 2026-11-22T00:00:00Z',
  })
    .option('--tenant <id>', 'only what concerns this tenant', uuid)
    .option('--since <instant>', 'only from then on, by the machine’s time', instant)
    .addOption(new Option('--limit <count>', 'at most so many').argParser(rowCount).default(100))
    .action(async ({ tenant, since, limit, ...options }: ListOptions) => {
      const records = await withServices(shell, ({ db }) =>
        listAudit(db.sql, { tenantId: tenant ?? null, since: since ?? null, limit }),
      );
      print(shell, { json: records, text: records.map(textOf).join('\n') }, options);
    });

const textOf = ({ at, action, actor, tenantId, userId, subject, address, details }: AuditRecord): string =>
  [
    at,
    action,
    `by ${actor}`,
    ...(tenantId === null ? [] : [`tenant ${tenantId}`]),
    ...(userId === null ? [] : [`person ${JSON.stringify(userId)}`]),
    ...(subject === null ? [] : [`of ${subject}`]),
    ...(address === null ? [] : [`from ${address}`]),
    ...(details === null ? [] : [JSON.stringify(details)]),
  ].join('  ');
