/**
 * Judges the forecast levels of people's rules by the forecasts that were just made of them, and writes what follows. It runs
 * in the transaction that rebuilds the people's figures, never in the evaluation of a batch. A crash before the commit leaves
 * the figures stale, and they are rebuilt. After it the notifications are pending, and the sweep enqueues them.
 */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import { isSnoozed, lockedPerson, type Person } from '../../accounts/people.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { type Forecast, rangeOf } from '../../values/forecast.ts';
import { budgetPeriodKind, localDay, periodContaining, type Period } from '../../values/period.ts';
import { personKey } from '../../values/refs.ts';
import type { AlertFacts } from '../decide/alert-facts.ts';
import { type ForecastDecision, type ForecastState, judgeForecasts } from '../decide/forecast-levels.ts';
import { inPeriod } from '../decide/rollover.ts';
import type { Rule } from '../decide/rule.ts';
import { ruleFields, type RuleRow, toRule } from '../rules/read-active-rules.ts';
import { forecastRow, type ForecastRow, toForecast } from '../spending/read-forecasts.ts';
import { insertDecisions, insertNotifications, type MadeAlert } from './write-alerts.ts';
import type { Evaluated } from './write-evaluations.ts';

/**
 * The caller has locked the people, who belong to one tenant, and the exchange rates. Sums of people whose expenses are
 * being priced anew are not yet right; they are judged at their next rebuild, within a day.
 */
export async function evaluateForecasts(
  sql: Sql,
  people: readonly Person[],
  now: Temporal.Instant,
): Promise<Evaluated> {
  const priced = people.filter((person) => !person.hasStalePrices);
  const judged = (await readRules(sql, priced)).flatMap((row) => judge(row, priced, now));
  if (judged.length === 0) return { notifications: [], outcomes: [] };
  const alerts = judged.flatMap(({ alert }) => alert ?? []);
  await write(sql, judged, now);
  return {
    notifications: alerts.map(({ id, rule }) => ({ tenantId: rule.tenantId, notificationId: id })),
    outcomes: judged.map(({ decision }) => decision.outcome),
  };
}

type StateRow = { level: number; start: string; end: string; isOpen: boolean; isTold: boolean };

type Row = RuleRow & {
  forecast: ForecastRow | null;
  forecast_start: string | null;
  spent_minor: string | null;
  left_before: string | null;
  states: StateRow[] | null;
};

/**
 * The active rules that have forecast levels, or have one open. A notification that was withdrawn has not told its level.
 * Rides on `smart_alert_rules_active` and primary keys.
 */
async function readRules(sql: Sql, people: readonly Person[]): Promise<Row[]> {
  const { rows } = await statement<Row>`
    select ${ruleFields}, ${forecastRow} as forecast, f.period_start as forecast_start, k.spent_minor, k.left_before, s.states
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ userId }) => userId)}::text[]
    ) as asked (tenant_id, user_id)
    join smart_alert_rules r using (tenant_id, user_id)
    left join rule_forecasts f on f.tenant_id = r.tenant_id and f.rule_id = r.id
    left join rule_spend k on k.tenant_id = f.tenant_id and k.rule_id = f.rule_id
      and k.period_start = f.period_start and k.period_end = f.period_end
    left join lateral (
      select json_agg(json_build_object('level', a.level, 'start', a.period_start, 'end', a.period_end,
        'isOpen', a.is_open, 'isTold', n.status is not null and n.status <> 'cancelled')) as states
      from forecast_states a
      left join notification_history n on n.tenant_id = a.tenant_id and n.id = a.notification_id
      where a.tenant_id = r.tenant_id and a.rule_id = r.id
        and (a.is_open or a.period_start = f.period_start and a.period_end = f.period_end)
    ) s on true
    where r.is_active and (r.forecast_thresholds is not null or s.states is not null)`.execute(sql);
  return rows;
}

type Judged = {
  rule: Rule;
  spentMinor: bigint;
  decision: ForecastDecision;
  alert: MadeAlert | null;
};

function judge(row: Row, people: readonly Person[], now: Temporal.Instant): Judged[] {
  const own = toRule(row);
  const person = lockedPerson(byKey(people), own);
  const period = periodContaining(own.period, localDay(now, person.timeZone));
  if (!period && row.states === null) return [];
  const isOfPeriod = period !== null && row.forecast_start === period.start && row.spent_minor !== null;
  const forecast = isOfPeriod && row.forecast ? toForecast(row.forecast) : null;
  const rule = inPeriod(own, row.left_before === null ? null : BigInt(row.left_before));
  const spentMinor = BigInt(row.spent_minor ?? 0);
  const decisions = judgeForecasts({
    rule,
    isSnoozed: isSnoozed(rule, person, now),
    period: period ?? noPeriod,
    forecast,
    spentMinor,
    states: (row.states ?? []).map(toState),
  });
  const carriedMinor = rule.budgetMinor - own.budgetMinor;
  return decisions.map((decision) => ({
    rule,
    spentMinor,
    decision,
    alert: forecast && toAlert({ rule, person, forecast, spentMinor, carriedMinor }, decision),
  }));
}

/** Of a rule between two periods: none of its states is of it. */
const noPeriod: Period = { start: '', end: '' };

const byKey = (people: readonly Person[]): Map<string, Person> =>
  new Map(people.map((person) => [personKey(person), person]));

const toState = ({ level, start, end, isOpen, isTold }: StateRow): ForecastState => ({
  level,
  period: { start, end },
  isOpen,
  isTold,
});

type Told = { rule: Rule; person: Person; forecast: Forecast; spentMinor: bigint; carriedMinor: bigint };

function toAlert(
  { rule, person, forecast, spentMinor, carriedMinor }: Told,
  { level, period, notifies }: ForecastDecision,
): MadeAlert | null {
  if (!notifies) return null;
  const { severity, silenced } = notifies;
  const facts: AlertFacts = {
    type: 'forecast',
    ruleId: rule.id,
    ruleName: rule.name,
    periodKind: budgetPeriodKind(rule.period),
    period,
    phase: 'current',
    level,
    severity,
    spentMinor: spentMinor.toString(),
    budgetMinor: rule.budgetMinor.toString(),
    currency: rule.currency,
    channels: rule.channels,
    forecast: rangeOf(forecast, spentMinor),
    ...(carriedMinor !== 0n && { carriedMinor: carriedMinor.toString() }),
  };
  return { id: randomUUIDv7(), rule, person, facts, silenced };
}

/** Writes states, notifications and decisions in one statement. A level keeps the notification that told it in its period. */
async function write(sql: Sql, judged: readonly Judged[], now: Temporal.Instant): Promise<void> {
  const decisions = judged.map(({ rule, spentMinor, decision: { level, period, outcome }, alert }) => ({
    rule,
    period,
    basis: 'forecast' as const,
    decision: { level, outcome, spentMinor, expenseId: null, until: null },
    notificationId: alert?.id ?? null,
  }));
  await statement`
    with level_states as (
      insert into forecast_states as s (tenant_id, rule_id, period_start, period_end, level, is_open, notification_id,
        changed_at)
      select *, ${now.toString()}::timestamptz from unnest(
        ${judged.map(({ rule }) => rule.tenantId)}::uuid[],
        ${judged.map(({ rule }) => rule.id)}::uuid[],
        ${judged.map(({ decision }) => decision.period.start)}::date[],
        ${judged.map(({ decision }) => decision.period.end)}::date[],
        ${judged.map(({ decision }) => decision.level)}::int[],
        ${judged.map(({ decision }) => decision.isOpen)}::boolean[],
        ${judged.map(({ alert }) => alert?.id ?? null)}::uuid[]
      )
      on conflict (tenant_id, rule_id, period_start, period_end, level) do update
      set is_open = excluded.is_open, changed_at = excluded.changed_at,
        notification_id = coalesce(excluded.notification_id, s.notification_id)
    ), notifications as (${insertNotifications(
      judged.flatMap(({ alert }) => alert ?? []),
      now,
    )})
    ${insertDecisions(decisions, now)}`.execute(sql);
}
