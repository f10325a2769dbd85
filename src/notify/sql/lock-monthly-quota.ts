/** Locks and counts the messages of tenants in a calendar month, for those that have a monthly limit. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { type MonthlyLimits, MonthlyQuotas } from '../decide/monthly-quota.ts';

type Row = {
  tenant_id: string;
  email: number;
  sms: number;
  email_limit: number | null;
  sms_limit: number | null;
};

/** A month of the tenant `t` at `now`: its first day, in the tenant's zone. */
const monthOf = (now: Temporal.Instant) =>
  statement`date_trunc('month', ${now.toString()}::timestamptz at time zone t.timezone)::date`;

/** `defaults` hold for tenants without limits of their own. */
const limitsOf = (defaults: MonthlyLimits) => statement`
  coalesce(t.monthly_mail_limit, ${defaults.email}::int) as email_limit,
  coalesce(t.monthly_sms_limit, ${defaults.sms}::int) as sms_limit`;

/**
 * The counts of limited tenants stay locked until the transaction ends, so that no two plans use the same message. They
 * are the last rows that a plan locks, in the order of tenants. Tenants without a limit lock nothing. Primary keys.
 */
export async function lockMonthlyQuotas(
  sql: Sql,
  tenantIds: readonly string[],
  defaults: MonthlyLimits,
  now: Temporal.Instant,
): Promise<MonthlyQuotas> {
  if (tenantIds.length === 0) return new MonthlyQuotas(new Map());
  const { rows } = await statement<Row>`
    with limited as (
      select * from (
        select t.id, ${monthOf(now)} as month, ${limitsOf(defaults)}
        from tenants t where t.id = any(${[...new Set(tenantIds)]}::uuid[])
      ) each
      where email_limit is not null or sms_limit is not null
    ), locked as (
      insert into monthly_messages as m (tenant_id, month, email, sms)
      select id, month, 0, 0 from limited order by id
      on conflict (tenant_id, month) do update set email = m.email
      returning tenant_id, email, sms
    )
    select locked.*, limited.email_limit, limited.sms_limit
    from locked join limited on limited.id = locked.tenant_id`.execute(sql);
  return new MonthlyQuotas(new Map(rows.map((row) => [row.tenant_id, leftOf(row)])));
}

const leftOf = ({ email, sms, email_limit: mailLimit, sms_limit: smsLimit }: Row): MonthlyLimits => ({
  email: mailLimit === null ? null : mailLimit - email,
  sms: smsLimit === null ? null : smsLimit - sms,
});

/** Writes what `lockMonthlyQuotas` returned and plans were admitted to. Primary keys. */
export async function countMonthlyMessages(
  sql: Sql,
  { planned }: MonthlyQuotas,
  now: Temporal.Instant,
): Promise<void> {
  if (planned.size === 0) return;
  const counted = [...planned];
  await statement`
    update monthly_messages m
    set email = m.email + planned.email, sms = m.sms + planned.sms
    from unnest(
      ${counted.map(([tenantId]) => tenantId)}::uuid[],
      ${counted.map(([, { email }]) => email)}::int[],
      ${counted.map(([, { sms }]) => sms)}::int[]
    ) as planned (tenant_id, email, sms)
    join tenants t on t.id = planned.tenant_id
    where m.tenant_id = planned.tenant_id and m.month = ${monthOf(now)}`.execute(sql);
}

/** `limits`: those that hold. `own`: the tenant's; null where the settings' holds. `used`: null before the first is counted. */
export type MonthlyUsage = {
  month: string;
  limits: MonthlyLimits;
  own: MonthlyLimits;
  used: { email: number; sms: number } | null;
};

/** Null if the tenant does not exist. Primary keys. */
export async function readMonthlyUsage(
  sql: Sql,
  tenantId: string,
  defaults: MonthlyLimits,
  now: Temporal.Instant,
): Promise<MonthlyUsage | null> {
  type UsageRow = Omit<Row, 'email' | 'sms'> & {
    month: string;
    own_email: number | null;
    own_sms: number | null;
    email: number | null;
    sms: number | null;
  };
  const { rows } = await statement<UsageRow>`
    select ${monthOf(now)}::text as month, ${limitsOf(defaults)},
      t.monthly_mail_limit as own_email, t.monthly_sms_limit as own_sms, m.email, m.sms
    from tenants t
    left join monthly_messages m on m.tenant_id = t.id and m.month = ${monthOf(now)}
    where t.id = ${tenantId}`.execute(sql);
  const [row] = rows;
  if (!row) return null;
  const { month, email, sms } = row;
  return {
    month: month.slice(0, 7),
    limits: { email: row.email_limit, sms: row.sms_limit },
    own: { email: row.own_email, sms: row.own_sms },
    used: email === null || sms === null ? null : { email, sms },
  };
}

/** A missing limit stays as it is; null gives it back to the settings. False if the tenant does not exist. Primary key. */
export async function writeMonthlyLimits(
  sql: Sql,
  tenantId: string,
  { email, sms }: Partial<MonthlyLimits>,
): Promise<boolean> {
  const { rows } = await statement`
    update tenants set
      monthly_mail_limit = case when ${email === undefined} then monthly_mail_limit else ${email ?? null}::int end,
      monthly_sms_limit = case when ${sms === undefined} then monthly_sms_limit else ${sms ?? null}::int end
    where id = ${tenantId}
    returning id`.execute(sql);
  return rows.length > 0;
}
