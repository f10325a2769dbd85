/** The queue of messages that ask people to confirm an address; the worker `confirm-addresses` processes it. */
import { Type } from 'typebox';
import { defineContract, uuid } from '../../runtime/queues/contract.ts';

/** A message waits to be sent to an address. */
export const addressConfirmations = defineContract({
  name: 'address-confirmations',
  worker: 'confirm-addresses',
  schema: Type.Object({
    tenantId: uuid,
    confirmationId: uuid,
    channel: Type.Enum(['email', 'sms']),
    correlationId: Type.String(),
  }),
  jobId: ({ confirmationId }) => confirmationId,
  title: ({ channel }) => `ask to confirm an address for ${channel}`,
  attempts: 8,
});
