/**
 * Delivers one notification on one channel in three steps: claim, send and record. Each has its own failure. If every
 * circuit breaker is open, the delivery waits unclaimed. If the concurrency limiter is full, it is left in its table, from
 * where those that send now take it by rank and age. A delivery that is withheld, or for which no provider could be
 * asked, spends no attempt.
 *
 * - A crash before the claim leaves the row `pending`, and the next call claims it. So does `sweep-pending` if those that
 *   send now have crashed.
 * - A crash between claim and record leaves the row `sending`, and nobody knows whether the message went out. A channel
 *   on which two sends show one message sends again with a new claim. It does so once the claim is a minute old, or
 *   when the queue hands the job out again. On any other channel the delivery ends `unknown` after that minute.
 * - A crash after the record leaves nothing to do.
 *
 * An error thrown by a step has the same effect as a crash, and is therefore not caught here.
 */
import { Backlog } from '../src/deliver/channels/backlog.ts';
import { type DeliveryChannel, sendSignal } from '../src/deliver/channels/channel.ts';
import { claimDelivery, type ClaimedOne, claimNextDelivery } from '../src/deliver/claim-delivery.ts';
import {
  afterAbandoned,
  type Claim,
  type ClaimedDelivery,
  claimExpiry,
  type DeliveryRecord,
  mayRenew,
  recordOf,
  retryAtOf,
  wasTried,
} from '../src/deliver/decide/delivery.ts';
import type { deliveries } from '../src/deliver/queue.ts';
import { recordDelivery } from '../src/deliver/record-delivery.ts';
import type { Handler, JobContext } from '../src/runtime/queues/consume.ts';
import { done, type JobOutcome, later, skip } from '../src/runtime/queues/outcome.ts';
import type { Services } from '../src/services.ts';
import { type Channel, channels as allChannels } from '../src/values/channels.ts';
import { ranks } from '../src/values/rank.ts';
import type { DeliveryRef } from '../src/values/refs.ts';

type DeliverServices = Pick<Services, 'db' | 'clock' | 'channels' | 'channelSetup' | 'metrics'>;

/** The steps that a test replaces, to crash in them. `jitter`: a number in [0, 1). */
export type DeliverSteps = {
  claim: typeof claimDelivery;
  claimNext: typeof claimNextDelivery;
  record: typeof recordDelivery;
  jitter(): number;
};

const steps: DeliverSteps = {
  claim: claimDelivery,
  claimNext: claimNextDelivery,
  record: recordDelivery,
  jitter: Math.random,
};

type Delivering = { services: DeliverServices; steps: DeliverSteps; ref: DeliveryRef; context: JobContext };

export const deliver = (
  services: DeliverServices,
  replaced: Partial<DeliverSteps> = {},
): Handler<(typeof deliveries)['schema']> => {
  const backlogs = new Map(allChannels.map((channel) => [channel, new Backlog()]));
  return async ({ tenantId, deliveryId, channel, rank = ranks.alert }, context) => {
    const delivering = { services, steps: { ...steps, ...replaced }, ref: { tenantId, deliveryId }, context };
    const known = allChannels.find((each) => each === channel);
    const limiter = known && services.channels.get(known)?.limiter;
    const backlog = known && backlogs.get(known);
    if (!limiter || !backlog) return claimAndSend(delivering);
    const room = limiter.roomFor(rank);
    if (room === 'no_provider') return later(limiter.nextTurn(services.clock.now()), 'no provider');
    if (room === 'full') {
      backlog.add(tenantId);
      return skip('left in its table');
    }
    const outcome = await limiter.hold(() => claimAndSend(delivering));
    const isMore = await sendBacklog(delivering, known, limiter, backlog);
    // The same job goes on, so that a process that stops need not wait for the whole backlog.
    return isMore && outcome.kind !== 'later' ? later(services.clock.now(), 'more waits') : outcome;
  };
};

/** For so long one job sends what others left. */
const backlogMs = 5_000;

/**
 * Sends what was left in the table meanwhile, for as long as there is room. One that is to be tried again is swept up when
 * its time has come. Resolves to true if there is more.
 */
async function sendBacklog(
  { services, steps, context }: Delivering,
  channel: Channel,
  limiter: NonNullable<DeliveryChannel['limiter']>,
  backlog: Backlog,
): Promise<boolean> {
  const untilMs = performance.now() + backlogMs;
  while (limiter.roomFor(ranks.other) === 'free') {
    const tenantId = backlog.next();
    if (tenantId === null || context.signal?.aborted) return false;
    if (performance.now() >= untilMs) return true;
    await limiter.hold(async () => {
      const claim = await steps.claimNext(services.db, tenantId, channel, services.clock.now());
      if (!claim) return backlog.remove(tenantId);
      await send({ services, steps, ref: { tenantId, deliveryId: claim.delivery.id }, context }, claim);
    });
  }
  return false;
}

async function claimAndSend(delivering: Delivering): Promise<JobOutcome> {
  const { services, steps, ref } = delivering;
  const claim = await steps.claim(services.db, ref, services.clock.now());
  return claim.kind === 'sending' ? takeOver(delivering, claim) : send(delivering, claim);
}

/** Sends a claimed delivery and records the result. Skips or postpones a delivery that could not be claimed. */
async function send(delivering: Delivering, claim: Claim): Promise<JobOutcome> {
  if (claim.kind === 'missing') return skip('no such delivery');
  if (claim.kind === 'over') return skip(`already ${claim.status}`);
  if (claim.kind === 'waiting') return later(claim.until, 'to be tried again');
  if (claim.kind === 'sending') return later(claimExpiry(claim), 'claimed elsewhere');
  const { services, steps, ref, context } = delivering;
  const { channel, attempt, notificationId } = claim.delivery;
  // The channel was configured when the delivery was planned.
  const sender = services.channels.get(channel);
  const result =
    claim.withheld ??
    (await sender?.send(renewedOf(services, claim, sender), sendSignal(context.signal))) ??
    ({ kind: 'skipped', reason: 'not_configured' } as const);
  const record = recordOf(result, attempt, steps.jitter());
  const outcome = await write(delivering, channel, attempt, record);
  const { status, reason } = record;
  context.log.info({ ...ref, notificationId, channel, attempt, status, reason }, 'tried a delivery');
  return outcome;
}

/** The delivery with the message that still holds. */
function renewedOf(
  { channelSetup, clock }: DeliverServices,
  { delivery, renewed }: ClaimedOne,
  { afterCrash }: DeliveryChannel,
): ClaimedDelivery {
  if (!renewed || !mayRenew(delivery, afterCrash)) return delivery;
  const { content, recipient } = renewed;
  return {
    ...delivery,
    message: channelSetup.render(
      { id: delivery.notificationId, content },
      delivery.channel,
      recipient,
      clock.now(),
    ),
  };
}

/** Handles a delivery found in `sending`. It waits while its process may live. Then it is sent again or given up. */
async function takeOver(
  delivering: Delivering,
  claim: Extract<Claim, { kind: 'sending' }>,
): Promise<JobOutcome> {
  const { services, steps, ref, context } = delivering;
  const { channel, attempt } = claim;
  const now = services.clock.now();
  const then = afterAbandoned(services.channels.get(channel)?.afterCrash, attempt);
  // A repeated job means that its worker died or hangs. A resend is harmless if two sends show one message.
  const isHeld = Temporal.Instant.compare(now, claimExpiry(claim)) < 0;
  if (isHeld && !(context.isRepeat && then === 'resend'))
    return later(claimExpiry(claim), 'claimed elsewhere');
  context.log.warn({ ...ref, channel, attempt }, 'found a delivery abandoned in sending');
  if (then === 'resend') return send(delivering, await steps.claim(services.db, ref, now, attempt));
  return write(delivering, channel, attempt, { status: 'unknown', reason: 'crashed' });
}

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
  return record.status === 'pending' ? later(retryAtOf(record, now), record.reason) : done(record.status);
}
