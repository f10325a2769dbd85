/**
 * Evaluates committed batches of events, and such as wait beside them, in one transaction: what follows from
 * the events, and their batches marked applied. A crash before the commit leaves them as they were; after
 * it, nothing is left to do but ring, which `sweep-pending` does where it was not done.
 */
import { sql as statement } from 'kysely';
import type { ExpenseEvent } from '../decide/apply-events.ts';
import { type Database, isRetryable, type Sql, sqlState } from '../../runtime/database/database.ts';
import { type BatchRefs, claimBatches, markEventFailed } from './claim-batches.ts';
import { type EvaluatedEvents, evaluateEvents } from './evaluate-events.ts';

/** `receivedAt`: when the oldest of the events was committed. */
export type EvaluatedBatches = EvaluatedEvents & {
  events: number;
  failed: number;
  receivedAt: Temporal.Instant;
};

/** Does nothing, with `events` 0, where the batches were applied before, or are being applied. */
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
    if (!isOfEvents(error)) throw error;
    return evaluateWith((sql, events) => evaluateCarefully(sql, events, now));
  }
}

type Part = EvaluatedEvents & { failed: number };

/**
 * For a batch that failed as a whole: halves it until the event at fault stands alone, ends that one as
 * failed and lets the others pass. Where it was the connection that failed, going back to the savepoint
 * fails too, and the batch is tried again later.
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
    if (!isOfEvents(error)) throw error;
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

/** data_exception, integrity_constraint_violation, raise_exception. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const faultsOfEvents = /^(?:22|23|P0)/;

/** Else the database is at fault: a lock waited for too long, no space, a missing right. Then all are tried again. */
function isOfEvents(error: unknown): boolean {
  if (isRetryable(error)) return false;
  const state = sqlState(error);
  return state === undefined || faultsOfEvents.test(state);
}

async function failEvent(sql: Sql, event: ExpenseEvent, error: unknown): Promise<Part> {
  await markEventFailed(sql, event, error instanceof Error ? error.message : String(error));
  return { notifications: [], outcomes: [], profiles: [], failed: 1 };
}
