/** The commands `spendwatch webhook create`, `spendwatch webhook list` and `spendwatch webhook rotate`. */
import { Command, Option } from 'commander';
import { machineTime } from '../../runtime/clock.ts';
import {
  createWebhookSource,
  type ListedWebhookSource,
  listWebhookSources,
  type RotatedWebhookSecret,
  rotateWebhookSecret,
} from '../../accounts/webhook-sources.ts';
import { findTenant } from '../../accounts/tenants.ts';
import type { Database } from '../../runtime/database/database.ts';
import type { Services } from '../../services.ts';
import { CommandError } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { noTenant } from '../no-tenant.ts';
import { timeToLive, uuid } from './options.ts';

export const webhookCommand = (shell: Shell): Command =>
  new Command('webhook')
    .description(
      'The webhooks that services post to with a signature, by Standard Webhooks, in place of a key.',
    )
    .addCommand(createWebhookCommand(shell))
    .addCommand(listWebhooksCommand(shell))
    .addCommand(rotateWebhookCommand(shell));

type CreateOptions = { tenant: string; ownIds?: boolean; json?: boolean };

const createWebhookCommand = (shell: Shell): Command =>
  createCommand({
    name: 'create',
    description: 'Make another webhook for a tenant. Its id is the `source` of the events that come by it.',
    prints:
      'where to post, the id and, shown once, the secret, as lines a shell can take; {"sourceId", "secret"} with --json',
    example: 'npx spendwatch webhook create --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .option(
      '--own-ids',
      'keep its expenses apart from those of other senders that use the same ids: theirs begin with the webhook’s id',
    )
    .action(async (options: CreateOptions) => {
      const { tenant, ownIds = false } = options;
      const created = await withServices(shell, ({ db, clock }) =>
        db.transaction([tenant], (sql) => createWebhookSource(sql, tenant, clock.now(), { ownIds })),
      );
      if (!created) throw noTenant(tenant);
      const notes = [
        `A webhook, for posting events signed to /api/webhooks/${created.sourceId}; the secret is shown this once.`,
      ];
      const text = linesOf(created);
      print(shell, { json: created, text, notes }, options);
    });

const listWebhooksCommand = (shell: Shell): Command =>
  createCommand({
    name: 'list',
    description: 'Show the webhooks of a tenant: their ids, and never the secrets.',
    prints: 'a webhook a line, oldest first; [{"sourceId", "ownIds", "createdAt"}] with --json',
    example: 'npx spendwatch webhook list --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .action(async ({ tenant, json }: { tenant: string; json?: boolean }) => {
      const webhooks = await withServices(shell, ({ db }) => listWebhooks(db, tenant));
      const views = webhooks.map((each) => ({ ...each, createdAt: each.createdAt.toString() }));
      const textOf = ({ sourceId, ownIds, createdAt }: (typeof views)[number]): string =>
        `${sourceId}  made ${createdAt}${ownIds ? ', with ids of its own' : ''}`;
      print(shell, { json: views, text: views.map(textOf).join('\n') }, json ? { json } : {});
    });

const listWebhooks = (db: Database, tenantId: string): Promise<ListedWebhookSource[]> =>
  db.transaction([tenantId], async (sql) => {
    if (!(await findTenant(sql, tenantId))) throw noTenant(tenantId);
    return listWebhookSources(sql, tenantId);
  });

/** Lines that a shell can take as they are. */
const linesOf = ({ sourceId, secret }: { sourceId: string; secret: string }): string =>
  `SOURCE=${sourceId}\nSECRET=${secret}`;

type RotateOptions = { keep: number; json?: boolean };

const rotateWebhookCommand = (shell: Shell): Command =>
  createCommand({
    name: 'rotate',
    description:
      'Give a webhook a new secret, good at once. The one before it stays good for a day, or for --keep; an older one ends within five seconds. After a leak, rotate with --keep 1s.',
    prints:
      'when the one before ends, the id and, shown once, the new secret, as lines a shell can take; {"sourceId", "secret", "previousSecretEndsAt"} with --json',
    example: 'npx spendwatch webhook rotate 01a20366-d557-72d4-9115-206e1bc29d65 --keep 2h',
  })
    .argument('<source-id>', 'as `webhook create` printed it (not the secret)', uuid)
    .addOption(
      new Option('--keep <time>', 'how long the secret before it stays good: 15m, 24h, 7d, at most 30d')
        .argParser(timeToLive)
        .default(timeToLive('24h'), '24h'),
    )
    .action(async (sourceId: string, options: RotateOptions) => {
      const rotated = await withServices(shell, (services) => rotate(services, sourceId, options.keep));
      const { secret, previousSecretEndsAt } = rotated;
      const notes = [
        `The new secret, shown this once: sign with it from now on. The one before ends at ${previousSecretEndsAt}.`,
      ];
      const json = { sourceId, secret, previousSecretEndsAt };
      print(shell, { json, text: linesOf(json), notes }, options);
    });

async function rotate(
  { db, clock }: Services,
  sourceId: string,
  keepSeconds: number,
): Promise<RotatedWebhookSecret & { previousSecretEndsAt: string }> {
  const endsAt = machineTime(clock.now().add({ seconds: keepSeconds }), clock).round('second');
  const rotated = await rotateWebhookSecret(db, sourceId, endsAt);
  if (rotated) return { ...rotated, previousSecretEndsAt: endsAt.toString() };
  throw new CommandError(
    `no webhook has the id ${sourceId}: give the id that "webhook create" or "tenant create" printed`,
  );
}
