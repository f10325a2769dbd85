/** What the database holds of a tenant, in figures. */
import { sql as statement } from 'kysely';
import { severities, type Severity } from '../../domain/rule.ts';
import type { Sql } from '../database.ts';

export type Totals = {
  people: number;
  expenses: number;
  events: number;
  decisions: number;
  /** Alerts and recoveries. */
  notifications: number;
  recoveries: number;
  /** Of the alerts. */
  severities: Record<Severity, number>;
};

export async function readTotals(sql: Sql, tenantId: string): Promise<Totals> {
  const { rows } = await statement<Omit<Totals, 'notifications' | 'recoveries' | 'severities'>>`
    select
      (select count(*)::int from users where tenant_id = ${tenantId}::uuid) as people,
      (
        select count(*)::int from expenses where tenant_id = ${tenantId}::uuid and user_id is not null
      ) as expenses,
      (select count(*)::int from events where tenant_id = ${tenantId}::uuid) as events,
      (select count(*)::int from alert_decisions where tenant_id = ${tenantId}::uuid) as decisions`.execute(
    sql,
  );
  const { recoveries, severities: told } = await readTold(sql, tenantId);
  const counts = rows[0] ?? { people: 0, expenses: 0, events: 0, decisions: 0 };
  const notifications = severities.reduce((sum, severity) => sum + told[severity], recoveries);
  return { ...counts, notifications, recoveries, severities: told };
}

async function readTold(sql: Sql, tenantId: string): Promise<Pick<Totals, 'recoveries' | 'severities'>> {
  const { rows } = await statement<{ is_recovery: boolean; severity: Severity; count: number }>`
    select type = 'recovery' as is_recovery, severity, count(*)::int as count
    from notification_history
    where tenant_id = ${tenantId}::uuid
    group by type = 'recovery', severity`.execute(sql);
  const told = { recoveries: 0, severities: { info: 0, warning: 0, danger: 0, critical: 0 } };
  for (const { is_recovery: isRecovery, severity, count } of rows)
    if (isRecovery) told.recoveries += count;
    else told.severities[severity] = count;
  return told;
}
