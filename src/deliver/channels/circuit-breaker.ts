/**
 * The circuit breaker of a provider. Failures in a row open it. After a rest, a single message probes whether the
 * provider has recovered.
 */
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
  isBrokenCircuitError,
} from 'cockatiel';
import type { ClaimedDelivery } from '../decide/delivery.ts';
import type { Attempt, Provider } from './provider.ts';

export type CircuitBreakerOptions = { failures: number; restMs: number };
const defaultOptions: CircuitBreakerOptions = { failures: 5, restMs: 30_000 };

/** The wait for other messages while the probe is under way. */
const probeMs = 1_000;

const openAttempt = (forMs: number): Attempt => ({
  result: { kind: 'postponed', reason: 'provider_unavailable', forMs },
  isNotAccepted: true,
  isProviderAtFault: false,
});

export class CircuitBreaker<Task = ClaimedDelivery> {
  readonly #provider: Provider<Task>;
  readonly #breaker: CircuitBreakerPolicy;
  #openUntilMs = 0;

  /** `onRest` is called whenever the breaker opens. */
  constructor(provider: Provider<Task>, onRest: (name: string) => void, options = defaultOptions) {
    this.#provider = provider;
    this.#breaker = circuitBreaker(
      // The results are attempts, because `attempt` below runs nothing else.
      handleWhenResult((attempt) => (attempt as Attempt).isProviderAtFault),
      { halfOpenAfter: options.restMs, breaker: new ConsecutiveBreaker(options.failures) },
    );
    this.#breaker.onBreak(() => {
      this.#openUntilMs = performance.now() + options.restMs;
      onRest(provider.name);
    });
  }

  /** Milliseconds until the provider may be asked; 0 if it may be asked now. */
  get unavailableForMs(): number {
    if (this.#breaker.state === CircuitState.HalfOpen) return probeMs;
    if (this.#breaker.state === CircuitState.Closed) return 0;
    return Math.max(0, this.#openUntilMs - performance.now());
  }

  /** Does not ask the provider while the breaker is open; the message is then not accepted. */
  async attempt(task: Task, signal: AbortSignal): Promise<Attempt> {
    // The library's breaker would make a second message wait for the probe.
    const restMs = this.unavailableForMs;
    if (restMs > 0) return openAttempt(restMs);
    try {
      return await this.#breaker.execute(() => this.#provider.attempt(task, signal));
    } catch (error) {
      // The library's clock may be a millisecond behind ours.
      if (isBrokenCircuitError(error)) return openAttempt(probeMs);
      throw error;
    }
  }
}
