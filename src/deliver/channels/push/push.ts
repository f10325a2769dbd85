/**
 * The web push channel (RFC 8030): one message to each browser that the person has subscribed. Subscriptions that
 * have expired for good are deleted.
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
    // A message replaces an earlier one with the same topic and tag.
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
 * The answers for an expired subscription. https://www.rfc-editor.org/rfc/rfc8030#section-7.3
 * 401 and 403 mean a subscription for a key other than ours. They are left out because a wrong key in the settings
 * would delete all subscriptions.
 */
const goneReasons: readonly string[] = ['http_404', 'http_410'];

const isGone = ({ result }: Attempt): boolean =>
  result.kind === 'failed' && goneReasons.includes(result.reason);

/** `sent` if one browser's service accepted the message. Else it is retried as long as one may still accept it. */
function resultOf(attempts: readonly Attempt[]): SendResult {
  const results = attempts.map(({ result }) => result);
  const sentOrRetry =
    results.find(({ kind }) => kind === 'sent') ?? results.find(({ kind }) => kind === 'retry');
  const notGone = attempts.find((attempt) => !isGone(attempt));
  return sentOrRetry ?? postponedResult(results) ?? notGone?.result ?? { kind: 'failed', reason: 'expired' };
}

/** If any service was asked, the attempt counts as a retry, or that service might be asked for ever. */
function postponedResult(results: readonly SendResult[]): SendResult | undefined {
  const postponed = results.find((result) => result.kind === 'postponed');
  const wasAsked = results.some(({ kind }) => kind !== 'postponed');
  return postponed && wasAsked ? { kind: 'retry', reason: postponed.reason } : postponed;
}

/** A bound on memory: each maker of browsers has only a few hosts. */
const hostsAtMost = 500;

/** One circuit breaker for each host, so that one failing push service does not delay the others. */
class PushServices {
  readonly #options: PushOptions;
  readonly #breakers = new Map<string, CircuitBreaker<PushTask>>();

  constructor(options: PushOptions) {
    this.#options = options;
  }

  async attempt(task: PushTask, signal: AbortSignal): Promise<Attempt> {
    const { endpoint } = task.subscription;
    if (!isPushEndpoint(endpoint, this.#options.pushHosts)) return refused('endpoint_not_allowed');
    const { host } = new URL(endpoint);
    return (this.#breakers.get(host) ?? this.#addBreaker(host)).attempt(task, signal);
  }

  #addBreaker(host: string): CircuitBreaker<PushTask> {
    const { onRest, breakerOptions } = this.#options;
    const breaker = new CircuitBreaker(pushService(host, this.#options), onRest, breakerOptions);
    const [oldest] = this.#breakers.keys();
    if (oldest !== undefined && this.#breakers.size >= hostsAtMost) this.#breakers.delete(oldest);
    this.#breakers.set(host, breaker);
    return breaker;
  }
}
