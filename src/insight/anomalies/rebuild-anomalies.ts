/**
 * Finds anomalies among people's charges again, in the transaction that rebuilds their profiles. A crash before the commit leaves
 * the profiles stale. After it the notifications are pending, and `sweep-pending` enqueues them.
 */
import { sql as statement } from 'kysely';
import type { Evaluated } from '../../alerts/evaluate/write-evaluations.ts';
import type { Person } from '../../accounts/people.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { AnomalyChoices, AnomalyType } from '../../values/anomaly.ts';
import { localDay } from '../../values/period.ts';
import { findAnomalies, firstJudgedDay } from '../decide/anomalies/find-anomalies.ts';
import {
  type KnownAnomaly,
  reconcileAnomalies,
  type Verdict,
} from '../decide/anomalies/reconcile-anomalies.ts';
import type { Stream } from '../decide/recurring.ts';
import type { PersonRecurring } from '../recurring/rebuild-recurring.ts';
import { type PersonAnomalies, writeAnomalies } from './write-anomalies.ts';

/** The caller holds the locks on these people, who belong to one tenant. `recurring`: by person, as just written. */
export async function rebuildAnomalies(
  sql: Sql,
  { tenantId, people, recurring }: Rebuilt,
  now: Temporal.Instant,
): Promise<Evaluated['notifications']> {
  const userIds = people.map(({ userId }) => userId);
  const known = await readKnown(sql, tenantId, userIds);
  const ignored = await readIgnored(sql, tenantId, userIds);
  const choices = await readChoices(sql, tenantId, userIds);
  const changes = people.map((person): PersonAnomalies => {
    const { userId, timeZone } = person;
    const today = localDay(now, timeZone);
    const { charges, streams } = recurring.get(userId) ?? { charges: [], streams: [] };
    const marks = ignored.get(userId) ?? [];
    const isIgnored = ({ cadence, expenseIds }: Stream) =>
      marks.some((mark) => mark.cadence === cadence && mark.last_expense_id === expenseIds.at(-1));
    const found = findAnomalies({ charges, streams, ignored: new Set(streams.filter(isIgnored)), today });
    const rows = (known.get(userId) ?? []).map((row) => toKnown(row, timeZone));
    const judged = { from: firstJudgedDay(today), today, choices: choices.get(userId) ?? null };
    return { person, changes: reconcileAnomalies(found, rows, judged) };
  });
  return writeAnomalies(sql, tenantId, changes, now);
}

type Rebuilt = {
  tenantId: string;
  people: readonly Person[];
  recurring: ReadonlyMap<string, PersonRecurring>;
};

type Row = {
  user_id: string;
  id: string;
  type: AnomalyType;
  subject: string;
  day: string;
  merchant_key: string;
  currency: string;
  amount_minor: string;
  is_open: boolean;
  verdict: Verdict | null;
  decided_at: string | null;
};

/** Keyed by person. Rides on `anomalies_subject`. */
async function readKnown(
  sql: Sql,
  tenantId: string,
  userIds: readonly string[],
): Promise<Map<string, Row[]>> {
  const { rows } = await statement<Row>`
    select user_id, id, type, subject, day, merchant_key, currency, amount_minor, is_open, verdict, decided_at
    from anomalies
    where tenant_id = ${tenantId} and user_id = any(${userIds}::text[])
    order by user_id, id`.execute(sql);
  return Map.groupBy(rows, ({ user_id }) => user_id);
}

const toKnown = (row: Row, timeZone: string): KnownAnomaly => ({
  id: row.id,
  type: row.type,
  subject: row.subject,
  day: row.day,
  merchantKey: row.merchant_key,
  currency: row.currency,
  amountMinor: BigInt(row.amount_minor),
  isOpen: row.is_open,
  verdict: row.verdict,
  decidedOn: row.decided_at === null ? null : localDay(Temporal.Instant.from(row.decided_at), timeZone),
});

type Ignored = { user_id: string; cadence: string; last_expense_id: string };

/** Keyed by person. Rides on `recurring_charges_user`. */
async function readIgnored(
  sql: Sql,
  tenantId: string,
  userIds: readonly string[],
): Promise<Map<string, Ignored[]>> {
  const { rows } = await statement<Ignored>`
    select user_id, cadence, last_expense_id
    from recurring_charges
    where tenant_id = ${tenantId} and user_id = any(${userIds}::text[]) and decision = 'ignored'`.execute(
    sql,
  );
  return Map.groupBy(rows, ({ user_id }) => user_id);
}

/** Keyed by person. Rides on the primary key. */
async function readChoices(
  sql: Sql,
  tenantId: string,
  userIds: readonly string[],
): Promise<Map<string, AnomalyChoices | null>> {
  const { rows } = await statement<{ id: string; anomalies: AnomalyChoices | null }>`
    select id, anomalies from users where tenant_id = ${tenantId} and id = any(${userIds}::text[])`.execute(
    sql,
  );
  return new Map(rows.map(({ id, anomalies }) => [id, anomalies]));
}
