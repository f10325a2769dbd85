/** Locks and counts the messages of tenants in a calendar month, for those that have a monthly limit. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { columnOf } from '../../runtime/database/column-of.ts';
import { type MonthlyLeft, type MonthlyLimits, MonthlyQuotas } from '../decide/monthly-quota.ts';

type Limited = {
  tenantId: string;
  timezone: string;
  mailLimit: number | null;
  smsLimit: number | null;
};

/** The first day of the month at `now`, in the tenant's zone. Computed here, so that one table of time zones decides. */
const monthOf = (now: Temporal.Instant, { timezone }: Pick<Limited, 'timezone'>): string =>
  now.toZonedDateTimeISO(timezone).toPlainDate().with({ day: 1 }).toString();

/** Of tenants `t`. `defaults` hold for those without limits of their own. */
const limitsOf = (defaults: MonthlyLimits) => statement`t.timezone,
  coalesce(t.monthly_mail_limit, ${defaults.email}::int) as "mailLimit",
  coalesce(t.monthly_sms_limit, ${defaults.sms}::int) as "smsLimit"`;

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
  const { rows } = await statement<Limited>`
    select t.id as "tenantId", ${limitsOf(defaults)}
    from tenants t
    where t.id = any(${tenantIds}::uuid[])`.execute(sql);
  const limited = rows.filter(({ mailLimit, smsLimit }) => mailLimit !== null || smsLimit !== null);
  return new MonthlyQuotas(limited.length === 0 ? new Map() : await lockCounts(sql, limited, now));
}

async function lockCounts(
  sql: Sql,
  limited: readonly Limited[],
  now: Temporal.Instant,
): Promise<Map<string, MonthlyLeft>> {
  const column = columnOf(limited);
  const { rows } = await statement<{ tenant_id: string; month: string; email: number; sms: number }>`
    insert into monthly_messages as m (tenant_id, month, email, sms)
    select tenant_id, month, 0, 0
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column((tenant) => monthOf(now, tenant))}::date[]
    ) as asked (tenant_id, month)
    order by tenant_id
    on conflict (tenant_id, month) do update set email = m.email
    returning tenant_id, month, email, sms`.execute(sql);
  const limits = new Map(limited.map((tenant) => [tenant.tenantId, tenant]));
  return new Map(
    rows.map(({ tenant_id: tenantId, month, email, sms }) => {
      const { mailLimit = null, smsLimit = null } = limits.get(tenantId) ?? {};
      const left = { email: leftOf(mailLimit, email), sms: leftOf(smsLimit, sms) };
      return [tenantId, { month, left }];
    }),
  );
}

const leftOf = (limit: number | null, used: number): number | null => (limit === null ? null : limit - used);

/** Writes what `lockMonthlyQuotas` returned and plans were admitted to. Primary key. */
export async function countMonthlyMessages(sql: Sql, { planned }: MonthlyQuotas): Promise<void> {
  if (planned.length === 0) return;
  const column = columnOf(planned);
  await statement`
    update monthly_messages m
    set email = m.email + planned.email, sms = m.sms + planned.sms
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ month }) => month)}::date[],
      ${column(({ messages }) => messages.email)}::int[],
      ${column(({ messages }) => messages.sms)}::int[]
    ) as planned (tenant_id, month, email, sms)
    where m.tenant_id = planned.tenant_id and m.month = planned.month`.execute(sql);
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
  type Row = Omit<Limited, 'tenantId'> & { email: number | null; sms: number | null };
  const { rows } = await statement<Row>`
    select ${limitsOf(defaults)}, t.monthly_mail_limit as email, t.monthly_sms_limit as sms
    from tenants t
    where t.id = ${tenantId}`.execute(sql);
  const [row] = rows;
  if (!row) return null;
  const month = monthOf(now, row);
  const used = await sql
    .selectFrom('monthly_messages')
    .select(['email', 'sms'])
    .where('tenant_id', '=', tenantId)
    .where('month', '=', month)
    .executeTakeFirst();
  return {
    month: month.slice(0, 7),
    limits: { email: row.mailLimit, sms: row.smsLimit },
    own: { email: row.email, sms: row.sms },
    used: used ?? null,
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
