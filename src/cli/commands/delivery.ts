/** The commands `spendwatch delivery list` and `spendwatch delivery resend`. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Database } from '../../runtime/database/database.ts';
import { findTenant } from '../../accounts/tenants.ts';
import { listDeliveries, type ListedDelivery } from '../../deliver/list-deliveries.ts';
import { type Resent, resendDelivery } from '../../deliver/resend-delivery.ts';
import type { ResendRefusal } from '../../deliver/decide/resend.ts';
import type { Services } from '../../services.ts';
import { CommandError } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { noTenant } from '../no-tenant.ts';
import { uuid } from './options.ts';
import { type DeliveryStatus, deliveryStatuses } from '../../values/statuses.ts';
import { deliveries } from '../../deliver/queue.ts';

export const deliveryCommand = (shell: Shell): Command =>
  new Command('delivery')
    .description('What was sent to people, one delivery for each notification and channel.')
    .addCommand(listDeliveriesCommand(shell))
    .addCommand(resendDeliveryCommand(shell));

type ListOptions = { tenant: string; status?: DeliveryStatus; limit: number; json?: boolean };

const listDeliveriesCommand = (shell: Shell): Command =>
  createCommand({
    name: 'list',
    description: 'Show the deliveries of a tenant and how each stands: no addresses, and no texts.',
    prints:
      'a delivery a line, newest first; [{"deliveryId", "notificationId", "channel", "status", "attempts", "failureReason" or null, "changedAt"}] with --json',
    example: 'npx spendwatch delivery list --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f --status failed',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .addOption(new Option('--status <status>', 'those that stand so').choices(deliveryStatuses))
    .option('--limit <number>', 'how many', limit, 50)
    .action(async (options: ListOptions) => {
      const found = await withServices(shell, ({ db }) => list(db, options));
      const views = found.map((each) => ({ ...each, changedAt: each.changedAt.toString() }));
      print(shell, { json: views, text: found.map(textOf).join('\n') }, options);
    });

const maxListed = 10_000;

function limit(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > maxListed)
    throw new InvalidArgumentError(`Give a number from 1 to ${maxListed}.`);
  return number;
}

const list = (db: Database, { tenant, status, limit }: ListOptions): Promise<ListedDelivery[]> =>
  db.transaction([tenant], async (sql) => {
    if (!(await findTenant(sql, tenant))) throw noTenant(tenant);
    return listDeliveries(sql, tenant, { status: status ?? null, limit });
  });

const textOf = (delivery: ListedDelivery): string => {
  const { deliveryId, notificationId, channel, status, attempts, failureReason, changedAt } = delivery;
  const how = failureReason === null ? status : `${status} (${failureReason})`;
  return `${deliveryId}  ${channel.padEnd('in-app'.length)}  ${how} since ${changedAt.toString()}, attempts: ${attempts}, of notification ${notificationId}`;
};

const resendDeliveryCommand = (shell: Shell): Command =>
  createCommand({
    name: 'resend',
    description:
      'Send a delivery once more that failed, bounced, was skipped or ended unknown. A bounced address is tried again from then on.',
    prints: 'that it waits to be sent; {"deliveryId", "status"} with --json',
    example:
      'npx spendwatch delivery resend 01a20366-d557-72d4-9115-206e1bc29d65 --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f',
  })
    .argument('<delivery-id>', 'as `delivery list` shows it', uuid)
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .action(async (deliveryId: string, { tenant, json }: { tenant: string; json?: boolean }) => {
      const resent = await withServices(shell, (services) => resend(services, tenant, deliveryId));
      if (resent.kind !== 'resent') throw refusal(resent, { tenant, deliveryId });
      const text = `Delivery ${deliveryId} (${resent.channel}) waits to be sent.`;
      print(shell, { json: { deliveryId, status: 'pending' }, text }, json ? { json } : {});
    });

async function resend(
  { db, clock, channelSetup, queues }: Services,
  tenantId: string,
  deliveryId: string,
): Promise<Resent> {
  const resent = await resendDelivery(db, { tenantId, deliveryId }, channelSetup, clock.now());
  if (resent.kind !== 'resent') return resent;
  const { channel } = resent;
  // The finished job of the first attempt may still be kept under the same id.
  await queues.enqueueAgain(deliveries, [
    { tenantId, deliveryId, channel, correlationId: `resend ${deliveryId}` },
  ]);
  return resent;
}

function refusal(
  refused: Exclude<Resent, { kind: 'resent' }>,
  { tenant, deliveryId }: { tenant: string; deliveryId: string },
): CommandError {
  if (refused.kind === 'missing')
    return new CommandError(`tenant ${tenant} has no delivery ${deliveryId}: see "delivery list"`);
  const { channel, reason } = refused;
  return new CommandError(`delivery ${deliveryId} (${channel}) is not sent again: ${whyNot[reason]}`);
}

const whyNot: Readonly<Record<ResendRefusal, string>> = {
  pending: 'it waits to be sent already',
  sending: 'it is being sent',
  sent: 'it was sent',
  delivered: 'it was delivered',
  opted_out: 'the person does not want to be told on this channel',
  not_confirmed: 'the person has not confirmed the address yet',
  no_address: 'the person has no address for it',
  not_configured: 'the settings of this channel are missing here',
};
