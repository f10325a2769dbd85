/** Records the saving of accepted recommendations once their three months are over. */
import { sql as statement } from 'kysely';
import { firstChargeDay } from '../decide/recurring.ts';
import { firstDayAfter, measure, type Measurement } from '../decide/measurement.ts';
import type { MonthEvidence } from '../decide/suggestion.ts';
import { localDay } from '../../values/period.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { lockPeople, type Person } from '../../accounts/people.ts';
import { findPeoplesStreams, recurringExpenseIds } from '../recurring/find-streams-of-people.ts';
import { type AskedDays, readDaySpending } from '../spending/read-day-spending.ts';
import { readTenant } from '../../accounts/tenants.ts';
import { personKey } from '../../values/refs.ts';

type DueRow = {
  id: string;
  user_id: string;
  category_id: string;
  baseline_minor: string;
  deviation_minor: string | null;
  decided_at: string;
};

type Due = Omit<DueRow, 'decided_at'> & { acceptedDay: string };

/** Measures at most `limit` of one tenant and returns how many. If it equals the limit, more may be due. */
export function measureDueRecommendations(
  db: Database,
  tenantId: string,
  limit: number,
  now: Temporal.Instant,
): Promise<number> {
  return db.transaction([tenantId], async (sql) => {
    const due = await lockDue(sql, tenantId, limit, now);
    if (due.length === 0) return 0;
    const { currency = 'USD' } = (await readTenant(sql, tenantId)) ?? {};
    const asked = askedFor(due);
    const searched = asked.map((each) => ({ ...each, firstDay: firstChargeDay(each.lastDay) }));
    const streams = await findPeoplesStreams(sql, tenantId, searched);
    const recurringIds = recurringExpenseIds(streams.values());
    const spending = await readDaySpending(sql, tenantId, currency, asked, recurringIds);
    const measured = due.map((each) => {
      const own = (spending.get(each.user_id) ?? []).filter(
        ({ categoryId, isRecurring }) => categoryId === each.category_id && !isRecurring,
      );
      const { baseline_minor: baseline, deviation_minor: deviationMinor, acceptedDay } = each;
      return { id: each.id, ...measure({ baseline, deviationMinor, acceptedDay }, own) };
    });
    await writeMeasured(sql, tenantId, measured, now);
    return due.length;
  });
}

/** Reads the due rows again after their people are locked. */
async function lockDue(sql: Sql, tenantId: string, limit: number, now: Temporal.Instant): Promise<Due[]> {
  const found = await readDue(sql, tenantId, limit, now);
  const people = await lockPeople(
    sql,
    found.map(({ user_id }) => ({ tenantId, userId: user_id })),
  );
  const due = await readDue(sql, tenantId, limit, now);
  return due.flatMap((row) => {
    const person = people.get(personKey({ tenantId, userId: row.user_id }));
    return person ? [dueOf(row, person)] : [];
  });
}

const dueOf = ({ decided_at, ...row }: DueRow, { timeZone }: Person): Due => ({
  ...row,
  acceptedDay: localDay(Temporal.Instant.from(decided_at), timeZone),
});

/** Rides on `smart_recommendations_measuring`. */
async function readDue(sql: Sql, tenantId: string, limit: number, now: Temporal.Instant): Promise<DueRow[]> {
  const { rows } = await statement<DueRow>`
    select id, user_id, category_id, baseline_minor, evidence ->> 'deviationMinor' as deviation_minor, decided_at
    from smart_recommendations
    where tenant_id = ${tenantId} and status = 'accepted' and measured_minor is null
      and measure_at <= ${now.toString()}
    order by measure_at, id
    limit ${limit}`.execute(sql);
  return rows;
}

/** Each person's days from their first acceptance to the end of the last three months. */
const askedFor = (due: readonly Due[]): AskedDays[] =>
  [...Map.groupBy(due, ({ user_id }) => user_id)].map(([userId, own]) => {
    const days = own.map(({ acceptedDay }) => acceptedDay).toSorted();
    return { userId, firstDay: days.at(0) ?? '', lastDay: firstDayAfter(days.at(-1) ?? '') };
  });

/** Rides on the primary key. */
async function writeMeasured(
  sql: Sql,
  tenantId: string,
  measured: readonly (Measurement & { id: string })[],
  now: Temporal.Instant,
): Promise<void> {
  await statement`
    update smart_recommendations r
    set measured_minor = given.saved, measured_low_minor = given.low, measured_high_minor = given.high,
      measured_months = given.months, updated_at = ${now.toString()}
    from unnest(
      ${measured.map(({ id }) => id)}::uuid[],
      ${measured.map(({ savedMinor }) => savedMinor.toString())}::numeric[],
      ${measured.map(({ range }) => range?.lowMinor.toString() ?? null)}::numeric[],
      ${measured.map(({ range }) => range?.highMinor.toString() ?? null)}::numeric[],
      ${measured.map(({ months }) => JSON.stringify(months.map(monthOf)))}::jsonb[]
    ) as given (id, saved, low, high, months)
    where r.tenant_id = ${tenantId} and r.id = given.id`.execute(sql);
}

const monthOf = ({ month, totalMinor, purchases }: Measurement['months'][number]): MonthEvidence => ({
  month,
  totalMinor: totalMinor.toString(),
  count: purchases,
});
