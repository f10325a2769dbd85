/**
 * The web push channel (RFC 8030): one message to each browser in which the person took it. Browsers that are
 * gone for good are forgotten.
 */
import type { SendResult } from '../../decide/delivery.ts';
import { isPushEndpoint } from './push-endpoint.ts';
import type { DeliveryChannel } from '../channel.ts';
import { ConcurrencyLimiter } from '../concurrency-limiter.ts';
import { CircuitBreaker } from '../circuit-breaker.ts';
import { type Attempt, refused } from '../provider.ts';
import { pushService, type PushTask, type Sender } from './push-service.ts';
import type { FailoverOptions } from '../provider-failover.ts';

export type PushOptions = FailoverOptions &
  Sender & {
    /** Hosts besides the browsers' push services: `host` or `host:port`. */
    pushHosts: readonly string[];
    forget(person: { tenantId: string; userId: string }, subscriptionId: string): Promise<unknown>;
  };

export function pushChannel(options: PushOptions): DeliveryChannel {
  const services = new PushServices(options);
  return {
    channel: 'push',
    // Under the same topic and tag the later message takes the place of the earlier one.
    afterCrash: 'resend',
    limiter: new ConcurrencyLimiter(),
    send: async (delivery, signal) => {
      const { subscriptions } = delivery.to;
      if (subscriptions.length === 0) return { kind: 'skipped', reason: 'no_address' };
      const tasks = subscriptions.map((subscription) => ({ delivery, subscription }));
      return resultOf(await Promise.all(tasks.map((task) => pushOne(services, task, signal, options))));
    },
  };
}

async function pushOne(
  services: PushServices,
  task: PushTask,
  signal: AbortSignal,
  { forget }: PushOptions,
): Promise<Attempt> {
  const attempt = await services.attempt(task, signal);
  if (isGone(attempt)) await forget(task.delivery, task.subscription.id);
  return attempt;
}

/**
 * https://www.rfc-editor.org/rfc/rfc8030#section-7.3
 * Not 401 and 403, of a browser that took it for another key than ours: with a wrong key in the settings all
 * would be forgotten.
 */
const goneReasons: readonly string[] = ['http_404', 'http_410'];

const isGone = ({ result }: Attempt): boolean =>
  result.kind === 'failed' && goneReasons.includes(result.reason);

/** One browser that took it is enough; else, as long as one may still take it, it is tried again. */
function resultOf(attempts: readonly Attempt[]): SendResult {
  const results = attempts.map(({ result }) => result);
  const taken = results.find(({ kind }) => kind === 'sent') ?? results.find(({ kind }) => kind === 'retry');
  const standing = attempts.find((attempt) => !isGone(attempt));
  return taken ?? leftAlone(results) ?? standing?.result ?? { kind: 'failed', reason: 'expired' };
}

/** Where one service was asked it is an attempt like any other, or it might be asked for ever. */
function leftAlone(results: readonly SendResult[]): SendResult | undefined {
  const resting = results.find((result) => result.kind === 'postponed');
  const wasAsked = results.some(({ kind }) => kind !== 'postponed');
  return resting && wasAsked ? { kind: 'retry', reason: resting.reason } : resting;
}

/** Makers of browsers have a few hosts each. */
const hostsAtMost = 500;

/** A guard for each host: whose phone is another maker's waits for nobody. */
class PushServices {
  readonly #options: PushOptions;
  readonly #guarded = new Map<string, CircuitBreaker<PushTask>>();

  constructor(options: PushOptions) {
    this.#options = options;
  }

  async attempt(task: PushTask, signal: AbortSignal): Promise<Attempt> {
    const { endpoint } = task.subscription;
    if (!isPushEndpoint(endpoint, this.#options.pushHosts)) return refused('endpoint_not_allowed');
    const { host } = new URL(endpoint);
    return (this.#guarded.get(host) ?? this.#guard(host)).attempt(task, signal);
  }

  #guard(host: string): CircuitBreaker<PushTask> {
    const { onRest, patience } = this.#options;
    const guarded = new CircuitBreaker(pushService(host, this.#options), onRest, patience);
    const [oldest] = this.#guarded.keys();
    if (oldest !== undefined && this.#guarded.size >= hostsAtMost) this.#guarded.delete(oldest);
    this.#guarded.set(host, guarded);
    return guarded;
  }
}
