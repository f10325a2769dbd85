/** Whoever carries a channel's messages, and what came of handing one over. */
import type { ClaimedDelivery, SendResult } from '../decide/delivery.ts';

export type Attempt = {
  result: SendResult;
  /** It cannot have taken the message: another provider may be asked. */
  isUntaken: boolean;
  /** At fault is the provider, whatever was sent to whomever. */
  isProviderAtFault: boolean;
};

export type Provider<Task = ClaimedDelivery> = {
  /** For the log: no secret, nobody's address. */
  readonly name: string;
  attempt(task: Task, signal: AbortSignal): Promise<Attempt>;
};

export const accepted: Attempt = { result: { kind: 'sent' }, isUntaken: false, isProviderAtFault: false };

/** The provider is well, and will never take this message. */
export const refused = (reason: string): Attempt => ({
  result: { kind: 'failed', reason },
  isUntaken: false,
  isProviderAtFault: false,
});

/** The provider did not come to take it. */
export const unreachable = (reason: string): Attempt => ({
  result: { kind: 'retry', reason },
  isUntaken: true,
  isProviderAtFault: reason !== stopped,
});

/** As a reason: this process stops, and gave the send up. */
export const stopped = 'stopped';
