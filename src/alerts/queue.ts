/** The queue of committed batches of events, which the worker `evaluate-alerts` processes. */
import { Type } from 'typebox';
import { defineContract, uuid } from '../runtime/queues/contract.ts';

/** A job's id is the id of its first batch. */
const uuidLength = 36;

/** Batches of events were committed. One commit may hold events of several tenants. */
export const expenseEvents = defineContract({
  name: 'expense-events',
  worker: 'evaluate-alerts',
  schema: Type.Object({
    batchIds: Type.Array(uuid, { minItems: 1 }),
    tenantIds: Type.Array(uuid, { minItems: 1 }),
    events: Type.Integer(),
  }),
  jobId: ({ batchIds }) => batchIds.join().slice(0, uuidLength),
  title: ({ events }) => `evaluate ${events} ${events === 1 ? 'event' : 'events'}`,
  attempts: 5,
});
