/** Reads what waiting notifications are about, as it stands now. A release, a digest and a claim recheck by it. */
import { sql as statement } from 'kysely';
import { budgetInPeriod } from '../../alerts/spending/budget-in-period.ts';
import { forecastRow, type ForecastRow, toForecast } from '../../alerts/spending/read-forecasts.ts';
import type { Subject, Waited } from '../decide/recheck.ts';

type SubjectRow = Omit<Subject, 'figures' | 'forecast'> & {
  ruleName: string | null;
  spentMinor: string | null;
  budgetMinor: string | null;
  carriedMinor: string | null;
  currency: string | null;
  isForecastOpen: boolean;
  forecast: ForecastRow | null;
};

export type WaitedRow = { isRead: boolean; subjects: SubjectRow[] | null; openAnomalies: string[] | null };

/** The ids of the anomalies of notifications `n` that still hold. Rides on primary keys. */
const openAnomalies = statement`
  select jsonb_agg(x.id)
  from jsonb_array_elements(coalesce(n.told -> 'anomalies', jsonb_build_array(n.told))) part (facts)
  join anomalies x on x.tenant_id = n.tenant_id and x.id = (part.facts ->> 'anomalyId')::uuid
  join users person on person.tenant_id = x.tenant_id and person.id = x.user_id
  left join notification_history own on own.tenant_id = n.tenant_id
    and own.id = (part.facts ->> 'notificationId')::uuid
  where x.is_open and x.verdict is null and own.read_at is null
    and coalesce((person.anomalies ->> x.type)::boolean, true)`;

/** The levels that are open. One that a process of an earlier version opened belongs to any alert of that level. */
const openLevels = statement`
  select jsonb_agg(jsonb_build_object(
    'level', a.level,
    'severity', coalesce((
      select t ->> 'severity' from jsonb_array_elements(r.thresholds) t where (t ->> 'percent')::int = a.level
    ), 'info'),
    'isOwn', a.is_heard is null or alert.notification_id is null or coalesce(a.notification_id = alert.notification_id, false),
    'isTold', case
      when a.is_heard is null then a.notified_at is not null
      else a.is_heard or coalesce(
        m.status in ('pending', 'deferred', 'capped', 'merged')
        or m.status = 'sent' and coalesce(m.reason, '') not in ('muted', 'snoozed', 'on_pace')
        or m.status = 'cancelled' and m.reason in ('already_read', 'overtaken'), false)
    end
  )) as levels
  from alert_states a
  left join notification_history m on m.tenant_id = a.tenant_id and m.id = a.notification_id
  where a.tenant_id = n.tenant_id and a.rule_id = alert.rule_id and a.period_start = alert.period_start
    and a.period_end = alert.period_end and a.is_open`;

/** A `WaitedRow` as JSON, of notifications `n`. Rides on primary keys. */
export const waitedRow = statement`jsonb_build_object('isRead', n.read_at is not null, 'openAnomalies', (${openAnomalies}), 'subjects', (
  select jsonb_agg(jsonb_build_object(
    'isRuleActive', coalesce(r.is_active, false), 'isRead', p.read_at is not null, 'ruleName', r.name,
    'spentMinor', s.spent_minor::text, 'budgetMinor', (${budgetInPeriod(statement.ref('r'), statement.ref('s.left_before'))})::text, 'carriedMinor', (${budgetInPeriod(statement.ref('r'), statement.ref('s.left_before'))} - r.budget_minor)::text,
    'currency', r.currency,
    'openLevels', coalesce(open.levels, '[]'), 'isForecastOpen', coalesce(ahead.is_open, false), 'forecast', ${forecastRow}
  ) order by part.position)
  from jsonb_array_elements(coalesce(n.told -> 'alerts', jsonb_build_array(n.told)))
    with ordinality as part (facts, position)
  cross join lateral (
    select (part.facts ->> 'ruleId')::uuid as rule_id, (part.facts #>> '{period,start}')::date as period_start,
      (part.facts #>> '{period,end}')::date as period_end, coalesce(
        (part.facts ->> 'notificationId')::uuid, case when n.told -> 'alerts' is null then n.id end
      ) as notification_id
  ) alert
  left join smart_alert_rules r on r.tenant_id = n.tenant_id and r.id = alert.rule_id
  left join notification_history p on p.tenant_id = n.tenant_id and p.id = alert.notification_id
  left join rule_spend s on s.tenant_id = n.tenant_id and s.rule_id = alert.rule_id
    and s.period_start = alert.period_start and s.period_end = alert.period_end
  left join lateral (${openLevels}) open on true
  left join forecast_states ahead on part.facts ->> 'type' = 'forecast' and ahead.tenant_id = n.tenant_id
    and ahead.rule_id = alert.rule_id and ahead.period_start = alert.period_start
    and ahead.period_end = alert.period_end and ahead.level = (part.facts ->> 'level')::int
  left join rule_forecasts f on f.tenant_id = ahead.tenant_id and f.rule_id = ahead.rule_id
    and f.period_start = ahead.period_start and f.period_end = ahead.period_end
))`;

export const toWaited = ({ isRead, subjects, openAnomalies: open }: WaitedRow): Waited => ({
  isRead,
  openAnomalies: open ?? [],
  subjects: (subjects ?? []).map(
    ({
      ruleName,
      spentMinor,
      budgetMinor,
      carriedMinor,
      currency,
      isForecastOpen,
      forecast,
      ...subject
    }) => ({
      ...subject,
      forecast: isForecastOpen && forecast ? toForecast(forecast) : null,
      figures:
        ruleName !== null && spentMinor !== null && budgetMinor !== null && currency !== null
          ? { ruleName, spentMinor, budgetMinor, carriedMinor: carriedMinor ?? '0', currency }
          : null,
    }),
  ),
});
