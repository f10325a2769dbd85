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
  const choices = await readChoices(sql, tenantId, userIds);
  const changes = people.map((person): PersonAnomalies => {
    const { userId, timeZone } = person;
    const today = localDay(now, timeZone);
    const { charges = [], streams = [], known: shown = [] } = recurring.get(userId) ?? {};
    const ignored = new Set(shown.flatMap(({ stream, decision }) => (decision === 'ignored' ? stream : [])));
    const found = findAnomalies({ charges, streams, ignored, today });
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
