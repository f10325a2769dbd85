/** Counts a tenant's rows in the database. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { severities, type Severity } from '../../values/severity.ts';

export type Totals = {
  people: number;
  expenses: number;
  events: number;
  decisions: number;
  /** The number of alerts and recoveries. */
  notifications: number;
  recoveries: number;
  /** Daily and weekly summaries. They do not count as notifications here. */
  digests: number;
  /** The number of alerts of each severity. */
  severities: Record<Severity, number>;
};

export async function readTotals(sql: Sql, tenantId: string): Promise<Totals> {
  const { rows } = await statement<Pick<Totals, 'people' | 'expenses' | 'events' | 'decisions'>>`
    select
      (select count(*)::int from users where tenant_id = ${tenantId}::uuid) as people,
      (
        select count(*)::int from expenses where tenant_id = ${tenantId}::uuid and user_id is not null
      ) as expenses,
      (select count(*)::int from events where tenant_id = ${tenantId}::uuid) as events,
      (select count(*)::int from alert_decisions where tenant_id = ${tenantId}::uuid) as decisions`.execute(
    sql,
  );
  const { severities: counted, ...others } = await readNotificationTotals(sql, tenantId);
  const counts = rows[0] ?? { people: 0, expenses: 0, events: 0, decisions: 0 };
  const notifications = severities.reduce((sum, severity) => sum + counted[severity], others.recoveries);
  return { ...counts, ...others, notifications, severities: counted };
}

type NotificationTotals = Pick<Totals, 'recoveries' | 'digests' | 'severities'>;
type Kind = 'recovery' | 'digest' | 'alert';

async function readNotificationTotals(sql: Sql, tenantId: string): Promise<NotificationTotals> {
  const { rows } = await statement<{ kind: Kind; severity: Severity; count: number }>`
    select kind, severity, count(*)::int as count
    from notification_history, lateral (
      select case when type = 'recovery' then 'recovery' when type like '%_summary' then 'digest' else 'alert' end
    ) as of_type (kind)
    where tenant_id = ${tenantId}::uuid
    group by kind, severity`.execute(sql);
  const counted: NotificationTotals = {
    recoveries: 0,
    digests: 0,
    severities: { info: 0, warning: 0, danger: 0, critical: 0 },
  };
  for (const { kind, severity, count } of rows)
    if (kind === 'recovery') counted.recoveries += count;
    else if (kind === 'digest') counted.digests += count;
    else counted.severities[severity] = count;
  return counted;
}
