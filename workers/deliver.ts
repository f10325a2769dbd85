/**
 * Delivers one notification on one channel: claim, send, record, each with its own failure. Where the channel has no
 * room, or no provider is available, the delivery waits unclaimed. A delivery that is claimed and then not sent,
 * because its recipient wants quiet or no provider could be asked, spends no attempt.
 *
 * A crash before the claim: the row is `pending`, and the next call claims it. Between claim and record: the row is
 * `sending`, and nobody knows whether it went out. Once the claim is a minute old, or the queue hands the job out
 * again, a channel whose repeats show one message sends again, with a new claim; on any other channel the delivery
 * ends `unknown` after that minute. After the record: the row is over, and the next call has nothing to do. An error
 * thrown by a step is such a crash, and for the same reason is not caught here.
 */
import { claimDelivery } from '../src/deliver/claim-delivery.ts';
import {
  afterAbandoned,
  type Claim,
  claimSeconds,
  type DeliveryRecord,
  recordOf,
  sendSeconds,
  wasTried,
} from '../src/deliver/decide/delivery.ts';
import type { deliveries } from '../src/deliver/queue.ts';
import { recordDelivery } from '../src/deliver/record-delivery.ts';
import type { Handler, JobContext } from '../src/runtime/queues/consume.ts';
import { done, type JobOutcome, later, skip } from '../src/runtime/queues/outcome.ts';
import type { Services } from '../src/services.ts';
import { type Channel, channels as allChannels } from '../src/values/channels.ts';
import type { DeliveryRef } from '../src/values/refs.ts';

type DeliverServices = Pick<Services, 'db' | 'clock' | 'channels' | 'metrics'>;

/** The steps that a test replaces, to die in them. `jitter`: in [0, 1). */
export type DeliverSteps = {
  claim: typeof claimDelivery;
  record: typeof recordDelivery;
  jitter(): number;
};

const steps: DeliverSteps = { claim: claimDelivery, record: recordDelivery, jitter: Math.random };

type Delivering = { services: DeliverServices; steps: DeliverSteps; ref: DeliveryRef; context: JobContext };

export const deliver =
  (services: DeliverServices, replaced: Partial<DeliverSteps> = {}): Handler<(typeof deliveries)['schema']> =>
  async ({ tenantId, deliveryId, channel }, context) => {
    const delivering = { services, steps: { ...steps, ...replaced }, ref: { tenantId, deliveryId }, context };
    const known = allChannels.find((each) => each === channel);
    const limiter = known && services.channels.get(known)?.limiter;
    if (!limiter) return claimAndSend(delivering);
    const at = limiter.availableAt(services.clock.now());
    return at ? later(at, 'no room') : limiter.hold(() => claimAndSend(delivering));
  };

async function claimAndSend(delivering: Delivering): Promise<JobOutcome> {
  const { services, steps, ref } = delivering;
  const claim = await steps.claim(services.db, ref, services.clock.now());
  return claim.kind === 'sending' ? takeOver(delivering, claim) : send(delivering, claim);
}

/** Sends a claimed delivery and records the result; else there is nothing to do, or not yet. */
async function send(delivering: Delivering, claim: Claim): Promise<JobOutcome> {
  if (claim.kind === 'missing') return skip('no such delivery');
  if (claim.kind === 'over') return skip(`already ${claim.status}`);
  if (claim.kind === 'sending') return later(expiryOf(claim), 'claimed elsewhere');
  const { services, steps, ref, context } = delivering;
  const { channel, attempt, notificationId } = claim.delivery;
  // The channel was configured when the delivery was planned.
  const result =
    claim.withheld ??
    (await services.channels.get(channel)?.send(claim.delivery, signalOf(context))) ??
    ({ kind: 'skipped', reason: 'not_configured' } as const);
  const record = recordOf(result, attempt, steps.jitter());
  const outcome = await write(delivering, channel, attempt, record);
  const { status, reason } = record;
  context.log.info({ ...ref, notificationId, channel, attempt, status, reason }, 'tried a delivery');
  return outcome;
}

function signalOf({ signal: stopping }: JobContext): AbortSignal {
  const timeout = AbortSignal.timeout(sendSeconds * 1000);
  return stopping ? AbortSignal.any([stopping, timeout]) : timeout;
}

/** A claim found in `sending`: left alone while its process may be alive, then sent again or given up. */
async function takeOver(
  delivering: Delivering,
  claim: Extract<Claim, { kind: 'sending' }>,
): Promise<JobOutcome> {
  const { services, steps, ref, context } = delivering;
  const { channel, attempt } = claim;
  const now = services.clock.now();
  const then = afterAbandoned(services.channels.get(channel)?.afterCrash, attempt);
  // A job is handed out again when its worker died, or as good as: no harm where two sends show one message.
  const isHeld = Temporal.Instant.compare(now, expiryOf(claim)) < 0;
  if (isHeld && !(context.isRepeat && then === 'resend')) return later(expiryOf(claim), 'claimed elsewhere');
  context.log.warn({ ...ref, channel, attempt }, 'found a delivery abandoned in sending');
  if (then === 'resend') return send(delivering, await steps.claim(services.db, ref, now, attempt));
  return write(delivering, channel, attempt, { status: 'unknown', reason: 'crashed' });
}

const expiryOf = ({ changedAt }: { changedAt: Temporal.Instant }): Temporal.Instant =>
  changedAt.add({ seconds: claimSeconds });

async function write(
  { services, steps, ref }: Delivering,
  channel: Channel,
  attempt: number,
  record: DeliveryRecord,
): Promise<JobOutcome> {
  const now = services.clock.now();
  if (!(await steps.record(services.db, { ...ref, attempt }, record, now)))
    return skip('taken over by another claim');
  if (wasTried(record)) services.metrics.deliveries.inc({ channel, status: record.status });
  return record.status === 'pending'
    ? later(services.clock.now().add({ milliseconds: record.retryInMs }), record.reason)
    : done(record.status);
}
