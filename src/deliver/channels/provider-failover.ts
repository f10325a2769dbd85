/** Provider failover: a channel's providers in order, each with a circuit breaker, behind one concurrency limiter. */
import type { SendResult } from '../decide/delivery.ts';
import { ConcurrencyLimiter } from './concurrency-limiter.ts';
import { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.ts';
import { type Provider, stopped } from './provider.ts';

export type FailoverOptions = { onRest: (name: string) => void; breakerOptions?: CircuitBreakerOptions };

export class ProviderFailover<Task> {
  readonly limiter: ConcurrencyLimiter;
  readonly #providers: CircuitBreaker<Task>[];

  constructor(providers: readonly Provider<Task>[], { onRest, breakerOptions }: FailoverOptions) {
    this.#providers = providers.map((provider) => new CircuitBreaker(provider, onRest, breakerOptions));
    this.limiter = new ConcurrencyLimiter(() =>
      Math.min(...this.#providers.map((each) => each.unavailableForMs)),
    );
  }

  /**
   * Asks the next provider only if the one before certainly did not accept the message. The result of a provider that
   * was asked goes before that of an open circuit breaker.
   */
  async send(task: Task, signal: AbortSignal): Promise<SendResult> {
    let last: SendResult | null = null;
    for (const provider of this.#providers) {
      if (signal.aborted) break;
      const { result, isNotAccepted } = await provider.attempt(task, signal);
      if (last === null || result.kind !== 'postponed') last = result;
      if (!isNotAccepted) break;
    }
    return last ?? { kind: 'retry', reason: stopped };
  }
}
