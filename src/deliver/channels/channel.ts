/** The interface that every channel implements; each channel has a folder here. */
import type { Message } from '../../notify/decide/content.ts';
import {
  type Addresses,
  type AfterCrash,
  type ClaimedDelivery,
  type SendResult,
  sendSeconds,
} from '../decide/delivery.ts';
import type { ConcurrencyLimiter } from './concurrency-limiter.ts';
import type { Channel } from '../../values/channels.ts';

/** A message to an address, with the id that makes a second send of it the same. */
export type AddressedMessage = {
  tenantId: string;
  id: string;
  message: Message;
  to: Pick<Addresses, 'name' | 'email' | 'phone'>;
};

export type DeliveryChannel = {
  readonly channel: Channel;
  /** `resend` only if sending twice shows the person one message. */
  readonly afterCrash: AfterCrash;
  /** Asked before a delivery is claimed. A channel without a provider has none. */
  readonly limiter?: Pick<ConcurrencyLimiter, 'roomFor' | 'nextTurn' | 'hold'>;
  /**
   * Sends once and returns the result. Expected failures are results. Throwing leaves the delivery in `sending`, as a
   * crash would. Gives up when `signal` is aborted.
   */
  send(delivery: ClaimedDelivery, signal: AbortSignal): Promise<SendResult>;
  /** As `send`, for a message that is no delivery. Only for channels with addresses of people's own. */
  sendMessage?(message: AddressedMessage, signal: AbortSignal): Promise<SendResult>;
  /** Ends the connections that are kept between two messages. */
  close?(): void;
};

/** The signal of one send: it ends when the send takes too long, or when the process stops. */
export function sendSignal(stopping: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(sendSeconds * 1000);
  return stopping ? AbortSignal.any([stopping, timeout]) : timeout;
}
