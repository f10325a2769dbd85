/** A channel's providers, the first before the second, behind one gate. */
import type { ClaimedDelivery, SendResult } from '../domain/delivery.ts';
import { Gate } from './gate.ts';
import { GuardedProvider, type Patience } from './guarded-provider.ts';
import { type Provider, stopped } from './provider.ts';

export type Guarding = { onRest: (name: string) => void; patience?: Patience };

export class Relay {
  readonly gate: Gate;
  readonly #providers: GuardedProvider[];

  constructor(providers: readonly Provider[], { onRest, patience }: Guarding) {
    this.#providers = providers.map((provider) => new GuardedProvider(provider, onRest, patience));
    this.gate = new Gate(() => Math.min(...this.#providers.map((each) => each.unavailableForMs)));
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
