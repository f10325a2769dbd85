/** The command `spendwatch tenant limits`. */
import type { Command } from 'commander';
import { commandLine, recordAudit } from '../../accounts/audit-record.ts';
import type { MonthlyLimits } from '../../notify/decide/monthly-quota.ts';
import {
  type MonthlyUsage,
  readMonthlyUsage,
  writeMonthlyLimits,
} from '../../notify/sql/lock-monthly-quota.ts';
import type { Services } from '../../services.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { noTenant } from '../no-tenant.ts';
import { monthlyLimit, uuid } from './options.ts';

/** `default`: that of the settings. */
type Limit = number | 'default';
type Options = { tenant: string; mail?: Limit; sms?: Limit; json?: boolean };

export const limitsCommand = (shell: Shell): Command =>
  createCommand({
    name: 'limits',
    description:
      'Show how many mails and SMS a tenant may send in a calendar month of its zone, or set it. A limit of the tenant goes before that of the settings.',
    prints:
      'the month, its limits and what was counted; {"month", "mail": {"limit", "own", "used"}, "sms": {…}} with --json, where null is no limit, no own limit, or not counted',
    example: 'npx spendwatch tenant limits --tenant 01a20366-d534-7ad4-baa5-cf2d9295768f --sms 500',
  })
    .requiredOption('--tenant <id>', 'as `tenant create` printed it', uuid)
    .option('--mail <count>', 'mails a month, or "default" for that of the settings', monthlyLimit)
    .option('--sms <count>', 'SMS a month, or "default" for that of the settings', monthlyLimit)
    .action(async (options: Options) => {
      const usage = await withServices(shell, (services) => changeAndRead(services, options));
      print(shell, { json: limitsView(usage), text: limitsText(usage) }, options);
    });

async function changeAndRead(
  { db, clock, channelSetup }: Services,
  { tenant, mail, sms }: Options,
): Promise<MonthlyUsage> {
  const changes: Partial<MonthlyLimits> = {
    ...(mail === undefined ? {} : { email: ownOf(mail) }),
    ...(sms === undefined ? {} : { sms: ownOf(sms) }),
  };
  const usage = await db.transaction([tenant], async (sql) => {
    if (Object.keys(changes).length > 0 && (await writeMonthlyLimits(sql, tenant, changes)))
      await recordAudit(sql, {
        action: 'limits.changed',
        actor: commandLine,
        tenantId: tenant,
        details: changes,
      });
    return readMonthlyUsage(sql, tenant, channelSetup.monthlyLimits, clock.now());
  });
  if (!usage) throw noTenant(tenant);
  return usage;
}

const ownOf = (limit: Limit): number | null => (limit === 'default' ? null : limit);

export const limitsView = ({ month, limits, own, used }: MonthlyUsage) => ({
  month,
  mail: { limit: limits.email, own: own.email, used: used?.email ?? null },
  sms: { limit: limits.sms, own: own.sms, used: used?.sms ?? null },
});

/** The month, and a line for each of the two limits. */
export function limitsText(usage: MonthlyUsage): string {
  const { month, mail, sms } = limitsView(usage);
  const line = (name: string, { limit, own, used }: typeof mail): string => {
    if (limit === null) return `${name}: no limit`;
    const whose = own === null ? 'the settings’ limit' : 'its own limit';
    return `${name}: ${used ?? 0} of ${limit}, ${whose}`;
  };
  return [month, line('mails', mail), line('SMS', sms)].join('\n');
}
