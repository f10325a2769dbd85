/** Writes the forecasts of people's rules, in the transaction that rebuilds their figures. */
import { sql as statement } from 'kysely';
import { lockedPerson, type Person } from '../../accounts/people.ts';
import { readActiveRules } from '../../alerts/rules/read-active-rules.ts';
import { columnOf } from '../../runtime/database/column-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { personKey } from '../../values/refs.ts';
import { dayNumber, dayText } from '../decide/recurring-schedule.ts';
import { soonDueMinor, type UpcomingBill } from '../decide/forecast/rule-forecast.ts';
import type { PersonRecurring } from '../recurring/rebuild-recurring.ts';
import { type MadeForecast, makeForecasts, type RuleForecast } from './make-forecasts.ts';

/**
 * Returns the people whose forecasts another day would change: those with one, and those for whose period it is too early.
 * The caller has locked the people, who belong to one tenant.
 */
export async function writeForecasts(
  sql: Sql,
  tenantId: string,
  people: readonly Person[],
  recurring: ReadonlyMap<string, PersonRecurring>,
  now: Temporal.Instant,
): Promise<Set<string>> {
  const rules = [...(await readActiveRules(sql, people)).values()].flat();
  const byKey = new Map(people.map((person) => [personKey(person), person]));
  const asked = rules
    .filter(({ period }) => period !== 'daily')
    .map((rule) => ({ rule, person: lockedPerson(byKey, rule) }));
  const forecasts = await makeForecasts(sql, tenantId, asked, recurring, now);
  const made = forecasts.flatMap((each) => ('refusal' in each.made ? [] : [{ ...each, made: each.made }]));
  await write(sql, tenantId, { people, made }, now);
  const changing = forecasts.filter(({ made: own }) => !('refusal' in own) || own.refusal === 'too_early');
  return new Set(changing.map(({ rule }) => rule.userId));
}

type Made = Omit<RuleForecast, 'made'> & { made: MadeForecast };

/** Deletes the others of these people. Rides on `rule_forecasts_user`. */
async function write(
  sql: Sql,
  tenantId: string,
  { people, made }: { people: readonly Person[]; made: readonly Made[] },
  now: Temporal.Instant,
): Promise<void> {
  const column = columnOf(made);
  await statement`
    with gone as (
      delete from rule_forecasts
      where tenant_id = ${tenantId} and user_id = any(${people.map(({ userId }) => userId)}::text[])
        and rule_id <> all(${column(({ rule }) => rule.id)}::uuid[])
    )
    insert into rule_forecasts (tenant_id, rule_id, user_id, period_start, period_end, day, made_at, spent_minor,
      remaining_minor, bills_minor, upcoming, months, transactions)
    select ${tenantId}::uuid, rule_id, user_id, period_start, period_end, day, ${now.toString()}::timestamptz, spent_minor,
      array(
        select value::bigint from jsonb_array_elements_text(remaining) with ordinality each (value, place) order by place
      ), bills_minor, upcoming, months,
      transactions
    from unnest(
      ${column(({ rule }) => rule.id)}::uuid[],
      ${column(({ rule }) => rule.userId)}::text[],
      ${column(({ period }) => period.start)}::date[],
      ${column(({ period }) => period.end)}::date[],
      ${column(({ day }) => day)}::date[],
      ${column((each) => each.made.spentMinor.toString())}::numeric[],
      ${column((each) => JSON.stringify(each.made.quantiles.map(String)))}::jsonb[],
      ${column(({ day, made: { upcoming } }) => soonDueMinor(upcoming, dayNumber(day)).toString())}::bigint[],
      ${column((each) => JSON.stringify(each.made.upcoming.map(storedBill)))}::jsonb[],
      ${column((each) => each.made.months)}::int[],
      ${column((each) => each.made.transactions)}::int[]
    ) as given (rule_id, user_id, period_start, period_end, day, spent_minor, remaining, bills_minor, upcoming, months,
      transactions)
    on conflict (tenant_id, rule_id) do update
    set period_start = excluded.period_start, period_end = excluded.period_end, day = excluded.day,
      made_at = excluded.made_at, spent_minor = excluded.spent_minor, remaining_minor = excluded.remaining_minor,
      bills_minor = excluded.bills_minor, upcoming = excluded.upcoming, months = excluded.months,
      transactions = excluded.transactions`.execute(sql);
}

const storedBill = ({ merchant, amountMinor, dueOn, recurringId }: UpcomingBill) => ({
  merchant,
  amountMinor: amountMinor.toString(),
  day: dayText(dueOn),
  recurringId,
});
