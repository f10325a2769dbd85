/** `spendwatch tenant create` */
import { Command, Option } from 'commander';
import { createTenant, type TenantDraft } from '../../db/queries/create-tenant.ts';
import { createCommand, print, withServices } from './command.ts';
import { currency, tenantName, timeZone } from './options.ts';

export const tenantCommand = (): Command =>
  new Command('tenant')
    .description('The organisations whose services post expenses.')
    .addCommand(createTenantCommand());

const createTenantCommand = (): Command =>
  createCommand({
    name: 'create',
    description:
      'Make a tenant, with its first API key (for posting events: scope ingest) and its first webhook, for services that sign what they post instead.',
    prints:
      'the key and the webhook’s secret, shown once, and the ids; {"tenantId", "apiKey", "webhook": {"sourceId", "secret"}} with --json',
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
    .action(async ({ json, ...draft }: TenantDraft & { json?: boolean }) => {
      const created = await withServices(({ db, clock }) => createTenant(db, draft, clock.now()), {
        begins: true,
      });
      const lines = [
        `API key (ingest)  ${created.apiKey}`,
        '                  shown this once: only its hash is stored',
        `Webhook secret    ${created.webhook.secret}`,
        '                  shown this once',
        `Webhook source    ${created.webhook.sourceId}`,
        `                  signed posts go to /api/webhooks/${created.webhook.sourceId}`,
        `Tenant            ${created.tenantId}`,
        `                  ${draft.name}, ${draft.timezone}, ${draft.currency}, benchmarks ${draft.benchmarks}`,
        `Next              npx spendwatch key create --tenant ${created.tenantId} --scope admin`,
      ];
      print({ json: created, text: lines.join('\n') }, json ? { json } : {});
    });
