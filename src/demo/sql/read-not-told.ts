/** Reads the levels of a tenant that were reached and not told, and the notifications that were withdrawn. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { DecisionOutcome } from '../../alerts/decide/evaluation.ts';
import { waitsForOthers } from '../../notify/sql/read-group-end.ts';

/** `number`: in the order of decisions. `level`: null for an expense without a rate. */
export type UntoldLevel = {
  number: string;
  userId: string;
  rule: string;
  level: number | null;
  outcome: Exclude<DecisionOutcome, 'notified' | 'resolved'>;
  until: string | null;
};

/** Those after a number, in their order. Scans the decisions, which a demo has few of. */
export async function readUntoldLevels(sql: Sql, tenantId: string, after: string): Promise<UntoldLevel[]> {
  const { rows } = await statement<UntoldLevel>`
    select d.number, r.user_id as "userId", r.name as rule, d.level, d.outcome, d.until
    from alert_decisions d join smart_alert_rules r on r.tenant_id = d.tenant_id and r.id = d.rule_id
    where d.tenant_id = ${tenantId}::uuid and d.number > ${after}::bigint
      and d.outcome not in ('notified', 'resolved')
    order by d.number`.execute(sql);
  return rows;
}

export type Withdrawn = { id: string; userId: string; level: number | null; title: string; reason: string };

/** All of them, oldest first. */
export async function readWithdrawn(sql: Sql, tenantId: string): Promise<Withdrawn[]> {
  const { rows } = await statement<Withdrawn>`
    select id, user_id as "userId", level, title, reason
    from notification_history
    where tenant_id = ${tenantId}::uuid and status = 'cancelled'
    order by id`.execute(sql);
  return rows;
}

export type HeldBack = {
  id: string;
  userId: string;
  level: number | null;
  title: string;
  status: 'deferred' | 'capped';
  until: string;
};

/** All that are deferred or capped now, oldest first. Those that wait for others are left out. Rides on `notification_history_held`. */
export async function readHeldBack(sql: Sql, tenantId: string): Promise<HeldBack[]> {
  const { rows } = await statement<HeldBack>`
    select id, user_id as "userId", level, title, status, until
    from notification_history n
    where tenant_id = ${tenantId}::uuid and status in ('deferred', 'capped') and not ${waitsForOthers}
    order by id`.execute(sql);
  return rows;
}
