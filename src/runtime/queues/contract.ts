/**
 * The type of a contract: a queue's name, payload, job id and worker. Payloads carry ids, never personal data. The row
 * in PostgreSQL is the truth; the job is only a queue signal.
 */
import { type Static, type TSchema, Type } from 'typebox';

export type Contract<Schema extends TSchema = TSchema> = {
  /** Also the queue's name. */
  name: string;
  /** The worker's name in `workers/` and in the setting `WORKERS`. */
  worker: string;
  schema: Schema;
  /** The same work has the same id, so a queue has at most one job for it. Letters, digits and dashes, not only digits. */
  jobId: (payload: Static<Schema>) => string;
  /** The job's title on the operator's board. */
  title: (payload: Static<Schema>) => string;
  /** Of the jobs that wait, the lowest goes first. Without it they go in their order. */
  priority?: (payload: Static<Schema>) => number;
  /** The number of attempts before a job stays failed. An operator or `sweep-pending` may then retry it. */
  attempts: number;
};

export type Payload<C extends Contract> = Static<C['schema']>;

/** An id in a payload. */
export const uuid = Type.String({ format: 'uuid' });

/** Preserves the schema's type for inference. */
export const defineContract = <Schema extends TSchema>(contract: Contract<Schema>): Contract<Schema> =>
  contract;
