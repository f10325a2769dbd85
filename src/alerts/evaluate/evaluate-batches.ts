/**
 * Evaluates committed batches of events, and small pending batches beside them, in one transaction. The transaction
 * writes everything that follows from the events and marks the batches as applied.
 *
 * A crash before the commit leaves the batches pending. After the commit only queue signals are left to send, and
 * `sweep-pending` sends those that were lost.
 */
import { sql as statement } from 'kysely';
import type { ExpenseEvent } from '../decide/apply-events.ts';
import { type Database, isRetryable, type Sql, sqlState } from '../../runtime/database/database.ts';
import { type BatchRefs, claimBatches, markEventFailed } from './claim-batches.ts';
import { type EvaluatedEvents, evaluateEvents } from './evaluate-events.ts';

/** `receivedAt`: the time at which the oldest of the events was committed. */
export type EvaluatedBatches = EvaluatedEvents & {
  events: number;
  failed: number;
  receivedAt: Temporal.Instant;
};

/** Does nothing and returns `events` 0 if the batches are applied already, or another transaction applies them. */
export async function evaluateBatches(
  db: Database,
  batches: BatchRefs,
  now: Temporal.Instant,
): Promise<EvaluatedBatches> {
  const evaluateWith = (evaluate: (sql: Sql, events: readonly ExpenseEvent[]) => Promise<Part>) =>
    db.transaction(batches.tenantIds, async (sql) => {
      const { events, receivedAt } = await claimBatches(sql, batches, now);
      return { ...(await evaluate(sql, events)), events: events.length, receivedAt };
    });
  try {
    return await evaluateWith(async (sql, events) => ({
      ...(await evaluateEvents(sql, events, now)),
      failed: 0,
    }));
  } catch (error) {
    if (!isEventFault(error)) throw error;
    return evaluateWith((sql, events) => evaluateCarefully(sql, events, now));
  }
}

type Part = EvaluatedEvents & { failed: number };

/**
 * Evaluates events that failed as a whole. They are halved until the event at fault is alone. That event is marked
 * as failed and the others are applied. If the connection itself failed, the rollback to the savepoint fails too, and
 * the batch is tried again later.
 */
async function evaluateCarefully(
  sql: Sql,
  events: readonly ExpenseEvent[],
  now: Temporal.Instant,
): Promise<Part> {
  await statement`savepoint events`.execute(sql);
  try {
    const evaluated = await evaluateEvents(sql, events, now);
    await statement`release savepoint events`.execute(sql);
    return { ...evaluated, failed: 0 };
  } catch (error) {
    if (!isEventFault(error)) throw error;
    await statement`rollback to savepoint events`.execute(sql);
    const [only, ...others] = events;
    if (only && others.length === 0) return failEvent(sql, only, error);
  }
  const middle = Math.ceil(events.length / 2);
  const first = await evaluateCarefully(sql, events.slice(0, middle), now);
  const second = await evaluateCarefully(sql, events.slice(middle), now);
  return {
    notifications: [...first.notifications, ...second.notifications],
    outcomes: [...first.outcomes, ...second.outcomes],
    profiles: [...first.profiles, ...second.profiles],
    failed: first.failed + second.failed,
  };
}

/**
 * SQLSTATE classes of data_exception, integrity_constraint_violation and raise_exception.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const eventFaults = /^(?:22|23|P0)/;

/** Any other error is the database's: a lock timeout, no space or a missing right. Then all events are tried again. */
function isEventFault(error: unknown): boolean {
  if (isRetryable(error)) return false;
  const state = sqlState(error);
  return state === undefined || eventFaults.test(state);
}

async function failEvent(sql: Sql, event: ExpenseEvent, error: unknown): Promise<Part> {
  await markEventFailed(sql, event, error instanceof Error ? error.message : String(error));
  return { notifications: [], outcomes: [], profiles: [], failed: 1 };
}
