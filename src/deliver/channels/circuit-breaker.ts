/**
 * A provider that is left alone for a while once it has failed several times in a row, then asked with one
 * message whether it is well again.
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
const usualPatience: CircuitBreakerOptions = { failures: 5, restMs: 30_000 };

/** While the one message is under way that tries whether it is well again. */
const probeMs = 1_000;

const leftAlone = (forMs: number): Attempt => ({
  result: { kind: 'postponed', reason: 'provider_unavailable', forMs },
  isUntaken: true,
  isProviderAtFault: false,
});

export class CircuitBreaker<Task = ClaimedDelivery> {
  readonly #provider: Provider<Task>;
  readonly #breaker: CircuitBreakerPolicy;
  #restsUntilMs = 0;

  /** `onRest` is called whenever it begins to be left alone. */
  constructor(provider: Provider<Task>, onRest: (name: string) => void, patience = usualPatience) {
    this.#provider = provider;
    this.#breaker = circuitBreaker(
      // What it is asked about is what `attempt` below runs: attempts.
      handleWhenResult((attempt) => (attempt as Attempt).isProviderAtFault),
      { halfOpenAfter: patience.restMs, breaker: new ConsecutiveBreaker(patience.failures) },
    );
    this.#breaker.onBreak(() => {
      this.#restsUntilMs = performance.now() + patience.restMs;
      onRest(provider.name);
    });
  }

  /** How long it will take nothing; 0 where it may be asked. */
  get unavailableForMs(): number {
    if (this.#breaker.state === CircuitState.HalfOpen) return probeMs;
    if (this.#breaker.state === CircuitState.Closed) return 0;
    return Math.max(0, this.#restsUntilMs - performance.now());
  }

  /** Untaken, without asking, while it is left alone. */
  async attempt(task: Task, signal: AbortSignal): Promise<Attempt> {
    // The breaker would have a second one wait for the first.
    const restMs = this.unavailableForMs;
    if (restMs > 0) return leftAlone(restMs);
    try {
      return await this.#breaker.execute(() => this.#provider.attempt(task, signal));
    } catch (error) {
      // Its clock may be a millisecond behind ours.
      if (isBrokenCircuitError(error)) return leftAlone(probeMs);
      throw error;
    }
  }
}
