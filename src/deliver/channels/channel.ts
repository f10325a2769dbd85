/** The interface that every channel implements; each channel has a folder here. */
import type { AfterCrash, ClaimedDelivery, SendResult } from '../decide/delivery.ts';
import type { ConcurrencyLimiter } from './concurrency-limiter.ts';
import type { Channel } from '../../values/channels.ts';

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
  /** Ends the connections that are kept between two messages. */
  close?(): void;
};
