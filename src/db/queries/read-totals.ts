/** What the database holds of a tenant, in figures. */
import { sql as statement } from 'kysely';
import { severities, type Severity } from '../../domain/rule.ts';
import type { Sql } from '../database.ts';

export type Totals = {
  people: number;
  expenses: number;
  events: number;
  decisions: number;
  notifications: number;
  severities: Record<Severity, number>;
};

export async function readTotals(sql: Sql, tenantId: string): Promise<Totals> {
  const { rows } = await statement<Omit<Totals, 'notifications' | 'severities'>>`
    select
      (select count(*)::int from users where tenant_id = ${tenantId}::uuid) as people,
      (
        select count(*)::int from expenses where tenant_id = ${tenantId}::uuid and user_id is not null
      ) as expenses,
      (select count(*)::int from events where tenant_id = ${tenantId}::uuid) as events,
      (select count(*)::int from alert_decisions where tenant_id = ${tenantId}::uuid) as decisions`.execute(
    sql,
  );
  const told = await readSeverities(sql, tenantId);
  const counts = rows[0] ?? { people: 0, expenses: 0, events: 0, decisions: 0 };
  const notifications = severities.reduce((sum, severity) => sum + told[severity], 0);
  return { ...counts, notifications, severities: told };
}

async function readSeverities(sql: Sql, tenantId: string): Promise<Totals['severities']> {
  const { rows } = await statement<{ severity: Severity; count: number }>`
    select severity, count(*)::int as count
    from notification_history
    where tenant_id = ${tenantId}::uuid
    group by severity`.execute(sql);
  const counts = { info: 0, warning: 0, danger: 0, critical: 0 };
  for (const { severity, count } of rows) counts[severity] = count;
  return counts;
}
