/** A channel's providers, the first before the second, behind one limiter. */
import type { ClaimedDelivery, SendResult } from '../decide/delivery.ts';
import { ConcurrencyLimiter } from './concurrency-limiter.ts';
import { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.ts';
import { type Provider, stopped } from './provider.ts';

export type FailoverOptions = { onRest: (name: string) => void; patience?: CircuitBreakerOptions };

export class ProviderFailover {
  readonly limiter: ConcurrencyLimiter;
  readonly #providers: CircuitBreaker[];

  constructor(providers: readonly Provider[], { onRest, patience }: FailoverOptions) {
    this.#providers = providers.map((provider) => new CircuitBreaker(provider, onRest, patience));
    this.limiter = new ConcurrencyLimiter(() =>
      Math.min(...this.#providers.map((each) => each.unavailableForMs)),
    );
  }

  /**
   * The next provider is asked only where the one before it cannot have taken the message. What one that was
   * asked said goes before another's being left alone.
   */
  async send(delivery: ClaimedDelivery, signal: AbortSignal): Promise<SendResult> {
    let last: SendResult | null = null;
    for (const provider of this.#providers) {
      if (signal.aborted) break;
      const { result, isUntaken } = await provider.attempt(delivery, signal);
      if (last === null || result.kind !== 'postponed') last = result;
      if (!isUntaken) break;
    }
    return last ?? { kind: 'retry', reason: stopped };
  }
}
