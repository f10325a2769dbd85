/** Stores and evaluates batches directly, without a queue or worker, at a time that the test gives. */
import { randomUUIDv7 } from 'node:crypto';
import { type RawBuilder, sql as statement } from 'kysely';
import type { Database } from '../../../../src/runtime/database/database.ts';
import type { IncomingEvent } from '../../../../src/ingest/decide/event.ts';
import type { RuleDraft } from '../../../../src/alerts/rules/create-rule.ts';
import { createTenant } from '../../../../src/accounts/tenants.ts';
import { evaluateBatches } from '../../../../src/alerts/evaluate/evaluate-batches.ts';
import { registerUser } from '../../../../src/accounts/people.ts';
import { storeEvents } from '../../../../src/ingest/sql/store-events.ts';
import { createHash } from 'node:crypto';
import type { HashPerson } from '../../../../src/accounts/person-hash.ts';
import { ruleDefaults } from '../../../../src/alerts/decide/rule.ts';
import type { ModelEvent } from '../../reference/reference-model.ts';
import { plain } from './plain.ts';

export const start = Temporal.Instant.from('2026-10-31T12:00:00Z');

export async function makeTenant(db: Database, people: readonly string[]): Promise<string> {
  const draft = { name: 'Test', timezone: 'UTC', currency: 'USD', benchmarks: 'opt-out' as const };
  const { tenantId } = await createTenant(db, draft, start);
  for (const userId of people)
    await db.transaction([tenantId], (sql) => registerUser(sql, { tenantId, userId }, start));
  return tenantId;
}

export const draftOf = (changes: Partial<RuleDraft>): RuleDraft => ({
  ...ruleDefaults,
  thresholds: [...ruleDefaults.thresholds],
  channels: ['in-app'],
  name: 'budget',
  budgetMinor: 10_000n,
  currency: 'USD',
  ...changes,
});

export const levelsOf = (...percents: number[]) =>
  percents.map((percent) => ({ percent, severity: 'info' as const }));

export const incoming = (
  tenantId: string,
  { isUpdate, sequence = null, replaces = null, expense, ...event }: ModelEvent,
): IncomingEvent => ({
  ...event,
  tenantId,
  source: 'api',
  type: expense ? (isUpdate ? 'expense.updated' : 'expense.created') : 'expense.deleted',
  sequence,
  replaces,
  expense: expense && { merchant: null, description: null, ...plain, ...expense },
});

/** Nobody is erased in these worlds, so any hash will do. */
export const hashPerson: HashPerson = ({ userId }) => createHash('sha256').update(userId).digest();

/** Stores and evaluates one batch; returns null if every event was known. */
export async function evaluate(db: Database, tenantId: string, events: readonly ModelEvent[], now = start) {
  const stored = events.map((event) => incoming(tenantId, event));
  const { batch } = await storeEvents(db, randomUUIDv7(), stored, now);
  if (!batch) return null;
  const { batchId } = batch;
  return {
    ...(await evaluateBatches(db, { batchIds: [batchId], tenantIds: [tenantId] }, now, hashPerson)),
    batchId,
  };
}

type DecisionRow = {
  rule_id: string;
  period_start: string;
  level: number | null;
  outcome: string;
  spent_minor: string;
  until: string | null;
  expense_id: string | null;
  notification_id: string | null;
};

/** Reads rows of a tenant. */
const rowsOf = async <Row>(db: Database, tenantId: string, query: RawBuilder<unknown>): Promise<Row[]> =>
  // The caller names the row type of its own statement.
  (await db.transaction([tenantId], (sql) => query.execute(sql))).rows as Row[];

export const decisionsOf = async (db: Database, tenantId: string): Promise<DecisionRow[]> =>
  rowsOf<DecisionRow>(
    db,
    tenantId,
    statement`
      select rule_id, period_start, level, outcome, spent_minor, until, expense_id, notification_id
      from alert_decisions where tenant_id = ${tenantId} order by number`,
  );

export const countOf = async (db: Database, table: string, tenantId: string): Promise<number> => {
  const query = statement`select count(*) from ${statement.table(table)} where tenant_id = ${tenantId}`;
  const [row] = await rowsOf<{ count: string }>(db, tenantId, query);
  return Number(row?.count);
};
