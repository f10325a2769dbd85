/** The commands `spendwatch tenant list` and `spendwatch tenant show`. */
import type { Command } from 'commander';
import {
  type DescribedTenant,
  describeTenant,
  type ListedTenant,
  listTenantNames,
} from '../../accounts/tenants.ts';
import { type MonthlyUsage, readMonthlyUsage } from '../../notify/sql/lock-monthly-quota.ts';
import type { Services } from '../../services.ts';
import type { Shell } from '../shell.ts';
import { createCommand, print, withServices } from './command.ts';
import { comparedPeople } from './compared-people.ts';
import { limitsText, limitsView } from './limits.ts';
import { noTenant } from '../no-tenant.ts';
import { uuid } from './options.ts';

export const listTenantsCommand = (shell: Shell): Command =>
  createCommand({
    name: 'list',
    description: 'Show the tenants of this installation.',
    prints:
      'a tenant a line, oldest first; [{"tenantId", "name", "timezone", "currency", "createdAt"}] with --json',
    example: 'npx spendwatch tenant list',
  }).action(async (options: { json?: boolean }) => {
    const tenants = await withServices(shell, ({ db }) => listTenantNames(db));
    const json = tenants.map(({ createdAt, ...tenant }) => ({ ...tenant, createdAt: createdAt.toString() }));
    const text = tenants.length > 0 ? tenants.map(lineOf).join('\n') : 'no tenant yet: see "tenant create"';
    print(shell, { json, text }, options);
  });

const lineOf = ({ tenantId, name, timezone, currency, createdAt }: ListedTenant): string =>
  `${tenantId}  ${timezone}  ${currency}  made ${createdAt.toString()}  ${name}`;

export const showTenantCommand = (shell: Shell): Command =>
  createCommand({
    name: 'show',
    description: 'Show a tenant: its settings, how much it has, and its monthly limits.',
    prints:
      'the same as lines; {"tenantId", "name", "timezone", "currency", "benchmarks", "confirmAddresses", "createdAt", "people", "rules", "keys", "limits": {"month", "mail": {"limit", "own", "used"}, "sms": {…}}} with --json. Rules are those that are active, keys those that are not revoked',
    example: 'npx spendwatch tenant show 01a20366-d534-7ad4-baa5-cf2d9295768f',
  })
    .argument('<tenant>', 'its id, as `tenant list` shows it', uuid)
    .action(async (tenantId: string, options: { json?: boolean }) => {
      const { tenant, usage } = await withServices(shell, (services) => read(services, tenantId));
      const json = {
        tenantId,
        ...tenant,
        createdAt: tenant.createdAt.toString(),
        limits: limitsView(usage),
      };
      print(shell, { json, text: textOf(tenantId, tenant, usage) }, options);
    });

type Shown = { tenant: DescribedTenant; usage: MonthlyUsage };

const read = ({ db, clock, channelSetup }: Services, tenantId: string): Promise<Shown> =>
  db.transaction([tenantId], async (sql) => {
    const [tenant, usage] = await Promise.all([
      describeTenant(sql, tenantId),
      readMonthlyUsage(sql, tenantId, channelSetup.monthlyLimits, clock.now()),
    ]);
    if (!tenant || !usage) throw noTenant(tenantId);
    return { tenant, usage };
  });

function textOf(tenantId: string, tenant: DescribedTenant, usage: MonthlyUsage): string {
  const { name, timezone, currency, benchmarks, confirmAddresses, createdAt, people, rules, keys } = tenant;
  return [
    `${name}  ${tenantId}`,
    `made ${createdAt.toString()}; days in ${timezone}, rules in ${currency}`,
    `in comparisons are ${comparedPeople[benchmarks]}`,
    `an address is used ${confirmAddresses ? 'once its person has confirmed it' : 'as a service sets it'}`,
    `people ${people}, active rules ${rules}, keys ${keys}`,
    `in ${limitsText(usage)}`,
  ].join('\n');
}
