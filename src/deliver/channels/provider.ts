/** The provider of a channel, and the outcome of one attempt to hand a message over. */
import type { ClaimedDelivery, SendResult } from '../decide/delivery.ts';

export type Attempt = {
  result: SendResult;
  /** The provider certainly did not accept the message, so another may be asked. */
  isNotAccepted: boolean;
  /** The failure is the provider's and does not depend on the message or its recipient. */
  isProviderAtFault: boolean;
};

export type Provider<Task = ClaimedDelivery> = {
  /** For the log, so without secrets and addresses. */
  readonly name: string;
  attempt(task: Task, signal: AbortSignal): Promise<Attempt>;
};

export const accepted: Attempt = { result: { kind: 'sent' }, isNotAccepted: false, isProviderAtFault: false };

/** The provider works, and will never accept this message. */
export const refused = (reason: string): Attempt => ({
  result: { kind: 'failed', reason },
  isNotAccepted: false,
  isProviderAtFault: false,
});

/** The provider was not reached, so it cannot have accepted the message. */
export const unreachable = (reason: string): Attempt => ({
  result: { kind: 'retry', reason },
  isNotAccepted: true,
  isProviderAtFault: reason !== stopped,
});

/** The reason of a send that was aborted because this process stops. */
export const stopped = 'stopped';
