/** Reads a person's anomalies, and records what the person says of them. */
import { type RawBuilder, sql as statement } from 'kysely';
import { lockPerson } from '../../accounts/people.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { Anomaly } from '../decide/anomalies/anomaly.ts';
import type { Verdict } from '../decide/anomalies/reconcile-anomalies.ts';

/** `isOpen`: it still holds. `createdAt`: when it was found. */
export type ListedAnomaly = Omit<Anomaly, 'subject' | 'merchantKey'> & {
  id: string;
  isLate: boolean;
  isOpen: boolean;
  verdict: Verdict | null;
  notificationId: string | null;
  createdAt: Temporal.Instant;
};

type AsText = 'amountMinor' | 'expectedMinor' | 'createdAt';
type Row = Omit<ListedAnomaly, AsText> & {
  amountMinor: string;
  expectedMinor: string | null;
  createdAt: string;
};

/** `since`: found then or later. `after`: the last item of the previous page. */
export type AnomalyPage = {
  since: Temporal.Instant;
  limit: number;
  after: { createdAt: Temporal.Instant; id: string } | null;
};

/** Newest first. Rides on `anomalies_user`. */
export async function listAnomalies(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  { since, limit, after }: AnomalyPage,
): Promise<ListedAnomaly[]> {
  const createdAt = after?.createdAt.toString();
  const olderThan = after
    ? statement`and created_at <= ${createdAt} and (created_at < ${createdAt} or id > ${after.id})`
    : statement``;
  return readAnomalies(
    sql,
    statement`tenant_id = ${tenantId} and user_id = ${userId} and created_at >= ${since.toString()} ${olderThan}
      order by created_at desc, id limit ${limit}`,
  );
}

/** Returns it with the verdict. Undefined if the person has no such anomaly. Rides on the primary key. */
export const judgeAnomaly = (
  db: Database,
  ref: PersonRef,
  id: string,
  verdict: Verdict,
  now: Temporal.Instant,
): Promise<ListedAnomaly | undefined> =>
  db.transaction([ref.tenantId], async (sql) => {
    const { tenantId, userId } = await lockPerson(sql, ref);
    const own = statement`tenant_id = ${tenantId} and id = ${id} and user_id = ${userId}`;
    await statement`
      update anomalies set verdict = ${verdict}, decided_at = ${now.toString()}, changed_at = ${now.toString()}
      where ${own} and verdict is distinct from ${verdict}`.execute(sql);
    const [found] = await readAnomalies(sql, own);
    return found;
  });

async function readAnomalies(sql: Sql, where: RawBuilder<unknown>): Promise<ListedAnomaly[]> {
  const { rows } = await statement<Row>`
    select id, type, expense_id as "expenseId", day, merchant, category_id as "categoryId", currency,
      amount_minor as "amountMinor", expected_minor as "expectedMinor", details, is_late as "isLate",
      is_open as "isOpen", verdict, notification_id as "notificationId", created_at as "createdAt"
    from anomalies
    where ${where}`.execute(sql);
  return rows.map((row) => ({
    ...row,
    amountMinor: BigInt(row.amountMinor),
    expectedMinor: row.expectedMinor === null ? null : BigInt(row.expectedMinor),
    createdAt: Temporal.Instant.from(row.createdAt),
  }));
}
