/** The commands `spendwatch tenant …`. */
import { Command, Option } from 'commander';
import { type CreatedTenant, createTenant, type TenantDraft } from '../../accounts/tenants.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { comparedPeople } from './compared-people.ts';
import { deleteTenantCommand } from './delete-tenant.ts';
import { limitsCommand } from './limits.ts';
import { listTenantsCommand, showTenantCommand } from './show-tenant.ts';
import { currency, tenantName, timeZone } from './options.ts';
import { signOutTenantCommand } from './sign-out.ts';

export const tenantCommand = (shell: Shell): Command =>
  new Command('tenant')
    .description('The organisations whose services post expenses.')
    .addCommand(createTenantCommand(shell))
    .addCommand(listTenantsCommand(shell))
    .addCommand(showTenantCommand(shell))
    .addCommand(deleteTenantCommand(shell))
    .addCommand(limitsCommand(shell))
    .addCommand(signOutTenantCommand(shell));

const createTenantCommand = (shell: Shell): Command =>
  createCommand({
    name: 'create',
    description:
      'Make a tenant, with its first API key (for posting events: scope ingest) and its first webhook, for services that sign what they post instead.',
    prints:
      'the ids, and, shown once, the key and the webhook’s secret, as lines a shell can take, with notes on standard error; {"tenantId", "keyId", "apiKey", "webhook": {"sourceId", "secret"}} with --json',
    example: 'npx spendwatch tenant create --name "Acme" --timezone Europe/Berlin --currency EUR',
  })
    .requiredOption('--name <name>', 'what people call it', tenantName)
    .option(
      '--timezone <zone>',
      'days are counted in it, for people who have none of their own',
      timeZone,
      'UTC',
    )
    .option('--currency <code>', 'of rules that name none (ISO 4217)', currency, 'USD')
    .addOption(
      new Option('--benchmarks <consent>', 'whether people are in comparisons unless they opt out, or opt in')
        .choices(['opt-out', 'opt-in'])
        .default('opt-out'),
    )
    .option(
      '--confirm-addresses',
      'use an email address or phone number only once its person has confirmed it by the link sent there',
    )
    .action(async ({ json, ...draft }: TenantDraft & { json?: boolean }) => {
      const created = await withServices(shell, ({ db, clock }) => createTenant(db, draft, clock.now()), {
        begins: true,
      });
      const answer = { json: created, text: textOf(created), notes: notesOf(draft, created) };
      print(shell, answer, json ? { json } : {});
    });

/** Lines that a shell can take as they are. */
const textOf = ({ tenantId, keyId, apiKey, webhook }: CreatedTenant): string =>
  [
    `TENANT=${tenantId}`,
    `KEY=${apiKey}`,
    `KEY_ID=${keyId}`,
    `SOURCE=${webhook.sourceId}`,
    `SECRET=${webhook.secret}`,
  ].join('\n');

const notesOf = (
  { name, timezone, currency, benchmarks, confirmAddresses }: TenantDraft,
  { tenantId, webhook }: CreatedTenant,
): string[] => [
  `${name}: days in ${timezone}, rules in ${currency}; in comparisons are ${comparedPeople[benchmarks]}${confirmAddresses ? '; people confirm their addresses' : ''}.`,
  'KEY is an API key for posting events (scope ingest).',
  `SOURCE and SECRET are a webhook, for posting them signed to /api/webhooks/${webhook.sourceId}.`,
  'Key and secret are shown this once.',
  'Next, a token for a person, and a key for people, categories and tokens:',
  `  npx spendwatch token --tenant ${tenantId} --user me`,
  `  npx spendwatch key create --tenant ${tenantId} --scope admin`,
];
