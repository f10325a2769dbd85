/** What every way of reaching a person implements: one file per channel, beside this one. */
import type { AfterCrash, ClaimedDelivery, SendResult } from '../decide/delivery.ts';
import type { ConcurrencyLimiter } from './concurrency-limiter.ts';
import type { Channel } from '../../values/channels.ts';

export type DeliveryChannel = {
  readonly channel: Channel;
  /** `resend` only where sending twice shows the person one message. */
  readonly afterCrash: AfterCrash;
  /** To be passed before a delivery is claimed; a channel that waits for nobody has none. */
  readonly limiter?: Pick<ConcurrencyLimiter, 'availableAt' | 'hold'>;
  /**
   * Sends once and says what came of it. Foreseen failures are results; throwing leaves the delivery in
   * `sending`, as a crash would. Gives up when `signal` is aborted.
   */
  send(delivery: ClaimedDelivery, signal: AbortSignal): Promise<SendResult>;
};
