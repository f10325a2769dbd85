/**
 * Delivers one notification on one channel: claim, send, record, each with its own failure. Where the channel
 * has no room, or nobody to carry it, the delivery waits unclaimed. What is claimed and then not sent, for its
 * person wants quiet or nobody could be asked, spends no attempt.
 *
 * A crash before the claim: the row is `pending`, the next call claims it. Between claim and send, or in the
 * send: the row is `sending`, and nobody knows whether it went out. Between send and record: the same. Once
 * the claim is a minute old, or the queue hands the job out again, a channel whose repeats show one message
 * sends again, with a new claim; any other ends `unknown` after that minute. After the record: the row is over,
 * the next call has nothing to do. An error thrown by a step is such a crash, and for the same reason is not
 * caught here.
 */
import type { deliveries } from '../src/contracts/index.ts';
import { done, later, type Outcome, skip } from '../src/contracts/outcome.ts';
import {
  type AfterCrash,
  afterAbandoned,
  type Claim,
  type ClaimedDelivery,
  claimSeconds,
  type DeliveryRecord,
  recordOf,
  sendSeconds,
  type SendResult,
  wasTried,
} from '../src/domain/delivery.ts';
import { type Channel, channels } from '../src/domain/rule.ts';
import type { Handler, JobContext } from '../src/queue/consume.ts';

type DeliveryRef = { tenantId: string; deliveryId: string };

export type DeliverDependencies = {
  /** With `abandonedAttempt`, also a delivery that is `sending` under just that attempt. */
  claim(ref: DeliveryRef, abandonedAttempt: number | null): Promise<Claim>;
  /** False where the delivery is no longer held by this attempt. */
  record(ref: DeliveryRef & { attempt: number }, record: DeliveryRecord): Promise<boolean>;
  channelOf(channel: Channel): Sender | undefined;
  /** Counts an attempt by what was recorded of it. */
  count(channel: Channel, status: DeliveryRecord['status']): void;
  now(): Temporal.Instant;
  /** In [0, 1), at random. */
  jitter(): number;
};

type Sender = {
  readonly afterCrash: AfterCrash;
  readonly gate?: {
    /** Null: now. */
    availableAt(now: Temporal.Instant): Temporal.Instant | null;
    /** Holds the place that was just found available. */
    hold<T>(work: () => Promise<T>): Promise<T>;
  };
  send(delivery: ClaimedDelivery, signal: AbortSignal): Promise<SendResult>;
};

type Recording = { ref: DeliveryRef; channel: Channel; attempt: number; record: DeliveryRecord };

export const deliver =
  (dependencies: DeliverDependencies): Handler<(typeof deliveries)['schema']> =>
  async ({ tenantId, deliveryId, channel }, context): Promise<Outcome> => {
    const ref = { tenantId, deliveryId };
    const known = channels.find((each) => each === channel);
    const gate = known && dependencies.channelOf(known)?.gate;
    if (!gate) return claimAndSend(dependencies, ref, context);
    const at = gate.availableAt(dependencies.now());
    return at ? later(at, 'no room') : gate.hold(() => claimAndSend(dependencies, ref, context));
  };

async function claimAndSend(
  dependencies: DeliverDependencies,
  ref: DeliveryRef,
  context: JobContext,
): Promise<Outcome> {
  const claim = await dependencies.claim(ref, null);
  return claim.kind === 'sending'
    ? takeOver(dependencies, ref, claim, context)
    : carryOn(dependencies, ref, claim, context);
}

/** Sends what was claimed; else there is nothing to do, or not yet. */
async function carryOn(
  dependencies: DeliverDependencies,
  ref: DeliveryRef,
  claim: Claim,
  { signal, log }: JobContext,
): Promise<Outcome> {
  if (claim.kind === 'missing') return skip('no such delivery');
  if (claim.kind === 'over') return skip(`already ${claim.status}`);
  if (claim.kind === 'sending') return later(expiryOf(claim), 'claimed elsewhere');
  const { channel, attempt } = claim.delivery;
  const result = claim.halted ?? (await send(dependencies, claim.delivery, signal));
  const record = recordOf(result, attempt, dependencies.jitter());
  const outcome = await write(dependencies, { ref, channel, attempt, record });
  const ids = { ...ref, notificationId: claim.delivery.notificationId };
  log.info({ ...ids, channel, attempt, status: record.status, reason: record.reason }, 'tried a delivery');
  return outcome;
}

async function send(
  { channelOf }: DeliverDependencies,
  delivery: ClaimedDelivery,
  stopping: AbortSignal | undefined,
): Promise<SendResult> {
  const sender = channelOf(delivery.channel);
  // It was configured when the delivery was planned.
  if (!sender) return { kind: 'skipped', reason: 'not_configured' };
  const timeout = AbortSignal.timeout(sendSeconds * 1000);
  const signal = stopping ? AbortSignal.any([stopping, timeout]) : timeout;
  return sender.send(delivery, signal);
}

/** A claim found in `sending`: left alone while it may be alive, then sent again or given up. */
async function takeOver(
  dependencies: DeliverDependencies,
  ref: DeliveryRef,
  claim: Extract<Claim, { kind: 'sending' }>,
  context: JobContext,
): Promise<Outcome> {
  const { channel, attempt } = claim;
  const then = afterAbandoned(dependencies.channelOf(channel)?.afterCrash, attempt);
  // A job comes again when whoever had it has died, or as good as: no harm where two sends show one message.
  const isHeld = Temporal.Instant.compare(dependencies.now(), expiryOf(claim)) < 0;
  if (isHeld && !(context.isRepeat && then === 'resend')) return later(expiryOf(claim), 'claimed elsewhere');
  context.log.warn({ ...ref, channel, attempt }, 'found a delivery abandoned in sending');
  if (then === 'resend') return carryOn(dependencies, ref, await dependencies.claim(ref, attempt), context);
  return write(dependencies, { ref, channel, attempt, record: { status: 'unknown', reason: 'crashed' } });
}

const expiryOf = ({ changedAt }: { changedAt: Temporal.Instant }): Temporal.Instant =>
  changedAt.add({ seconds: claimSeconds });

async function write(dependencies: DeliverDependencies, recording: Recording): Promise<Outcome> {
  const { ref, channel, attempt, record } = recording;
  if (!(await dependencies.record({ ...ref, attempt }, record))) return skip('taken over by another claim');
  if (wasTried(record)) dependencies.count(channel, record.status);
  return record.status === 'pending'
    ? later(dependencies.now().add({ milliseconds: record.retryInMs }), record.reason)
    : done(record.status);
}
