/**
 * The shape of a contract: what may be queued under a queue's name. Payloads carry ids, never personal
 * data; the row in PostgreSQL is the truth, the job a nudge.
 */
import { type Static, type TSchema, Type } from 'typebox';

export type Contract<Schema extends TSchema = TSchema> = {
  /** Also the queue's name. */
  name: string;
  /** Who handles it; names the worker in `workers/` and in the setting `WORKERS`. */
  worker: string;
  schema: Schema;
  /** Same work, same id: a queue holds at most one job of it. Letters, digits and dashes, not digits alone. */
  jobId: (payload: Static<Schema>) => string;
  /** What an operator reads on the board. */
  title: (payload: Static<Schema>) => string;
  /** Tries in all, before a job is left as failed for an operator or `sweep-pending` to take up. */
  attempts: number;
};

export type Payload<C extends Contract> = Static<C['schema']>;

/** An id in a payload. */
export const uuid = Type.String({ format: 'uuid' });

/** Keeps the schema's own type. */
export const defineContract = <Schema extends TSchema>(contract: Contract<Schema>): Contract<Schema> =>
  contract;
