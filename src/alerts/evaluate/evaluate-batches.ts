/**
 * Evaluates committed batches of events, and small pending batches beside them, in one transaction. The transaction
 * writes everything that follows from the events and marks the batches as applied.
 *
 * A crash before the commit leaves the batches pending. After the commit only queue signals are left to send, and
 * `sweep-pending` sends those that were lost.
 */
import { sql as statement } from 'kysely';
import type { HashPerson } from '../../accounts/person-hash.ts';
import type { StoredEvent } from '../decide/apply-events.ts';
import { type Database, isDataFault, type Sql } from '../../runtime/database/database.ts';
import { sqlState } from '../../runtime/database/sql-state.ts';
import { listOffsets, type OffsetSpan } from '../../values/time-zone.ts';
import { applyWithinGuards } from './apply-within-guards.ts';
import { type BatchRefs, claimBatches, type ClaimedBatches } from './claim-batches.ts';
import { dropErased } from './drop-erased.ts';
import { type EvaluatedEvents, evaluateEvents } from './evaluate-events.ts';
import { readEvents } from './read-events.ts';
import { ownTurn, type Turn } from './tenant-turns.ts';

/**
 * `evaluated`: how many of the events had to be evaluated one by one. `receivedAt`: the time at which the oldest of
 * the events was committed. `waiting`: tenants with pending batches, by their ids. `people`: those whose spending the
 * events change, by `personKey`.
 */
export type EvaluatedBatches = EvaluatedEvents & {
  events: number;
  evaluated: number;
  receivedAt: Temporal.Instant;
  waiting: readonly string[];
  people: readonly string[];
};

/**
 * `turn`: other tenants whose batches the claim takes along. Does nothing and returns `events` 0 if the batches are applied
 * already, or another transaction applies them.
 */
export async function evaluateBatches(
  db: Database,
  batches: BatchRefs,
  now: Temporal.Instant,
  hashPerson: HashPerson,
  turn: Turn = ownTurn,
): Promise<EvaluatedBatches> {
  const evaluateWith = (evaluate: (sql: Sql, claimed: ClaimedBatches) => Promise<Part>) =>
    db.transaction([...batches.tenantIds, ...turn.neighbourIds], async (sql) => {
      const claimed = await claimBatches(sql, batches, now, turn);
      if (!claimed) return { ...nothing, events: 0, receivedAt: now, waiting: [], people: [] };
      if (claimed.mayNameErased) await dropErased(sql, claimed, hashPerson);
      const { events, receivedAt, waiting, people } = claimed;
      return { ...(await evaluate(sql, claimed)), events, receivedAt, waiting, people };
    });
  try {
    return await evaluateWith(async (sql, claimed) => {
      const { events, profiles } = await applyWithinGuards(sql, claimed, offsetsOf(claimed), now);
      return together({ ...nothing, profiles }, await evaluateAll(sql, events, now));
    });
  } catch (error) {
    if (!isDataFault(error)) throw error;
    return evaluateWith(async (sql, claimed) => evaluateCarefully(sql, await readEvents(sql, claimed), now));
  }
}

const nothing: Part = { notifications: [], outcomes: [], profiles: [], evaluated: 0, failed: 0 };

const together = (first: Part, second: Part): Part => ({
  notifications: [...first.notifications, ...second.notifications],
  outcomes: [...first.outcomes, ...second.outcomes],
  profiles: [...first.profiles, ...second.profiles],
  evaluated: first.evaluated + second.evaluated,
  failed: first.failed + second.failed,
});

const evaluateAll = async (
  sql: Sql,
  events: readonly StoredEvent[],
  now: Temporal.Instant,
): Promise<Part> => ({
  ...(await evaluateEvents(sql, events, now)),
  evaluated: events.length,
});

/** The offsets of the people's time zones while the events were spent. */
const offsetsOf = ({ timeZones, firstSpentAt, lastSpentAt }: ClaimedBatches): OffsetSpan[] =>
  firstSpentAt && lastSpentAt
    ? timeZones.flatMap((zone) => listOffsets(zone, firstSpentAt, lastSpentAt))
    : [];

type Part = Omit<EvaluatedBatches, 'events' | 'receivedAt' | 'waiting' | 'people'>;

/**
 * Evaluates events that failed as a whole. They are halved until the event at fault is alone. That event is marked
 * as failed and the others are applied. If the connection itself failed, the rollback to the savepoint fails too, and
 * the batch is tried again later.
 */
async function evaluateCarefully(
  sql: Sql,
  events: readonly StoredEvent[],
  now: Temporal.Instant,
): Promise<Part> {
  await statement`savepoint events`.execute(sql);
  try {
    const evaluated = await evaluateAll(sql, events, now);
    await statement`release savepoint events`.execute(sql);
    return evaluated;
  } catch (error) {
    if (!isDataFault(error)) throw error;
    await statement`rollback to savepoint events`.execute(sql);
    const [only, ...others] = events;
    if (only && others.length === 0) return failEvent(sql, only, error);
  }
  const middle = Math.ceil(events.length / 2);
  const first = await evaluateCarefully(sql, events.slice(0, middle), now);
  return together(first, await evaluateCarefully(sql, events.slice(middle), now));
}

/** Its sender may read it, so it does not quote the database, which names tables and values. */
function faultOf(error: unknown): string {
  const state = sqlState(error);
  if (state !== undefined) return `the database refuses it (SQLSTATE ${state})`;
  return error instanceof Error ? error.message : String(error);
}

/** Records why an event could not be applied. Rides on the primary key. */
async function failEvent(sql: Sql, event: StoredEvent, error: unknown): Promise<Part> {
  await sql
    .updateTable('events')
    .set({ error: faultOf(error) })
    .where('tenant_id', '=', event.tenantId)
    .where('source', '=', event.source)
    .where('id', '=', event.id)
    .execute();
  return { ...nothing, evaluated: 1, failed: 1 };
}
