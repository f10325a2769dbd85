/**
 * Asks people to confirm an address: claims the message, sends it through the channel and records the result.
 *
 * - A crash before the claim leaves the row `pending`: the job runs again, or `sweep-pending` enqueues it.
 * - A crash between claim and record leaves the row `sending`, and nobody knows whether the message went out. It is sent
 *   again once the claim is a minute old, or when the queue hands the job out again. A second message has the same link.
 * - A crash after the record leaves nothing to do.
 */
import { confirmationToken } from '../src/accounts/confirmation-token.ts';
import { sendSignal } from '../src/deliver/channels/channel.ts';
import {
  claimConfirmation,
  type ClaimedConfirmation,
} from '../src/deliver/confirmations/claim-confirmation.ts';
import type { addressConfirmations } from '../src/deliver/confirmations/queue.ts';
import { recordConfirmation } from '../src/deliver/confirmations/record-confirmation.ts';
import {
  afterAbandoned,
  claimExpiry,
  type DeliveryRecord,
  recordOf,
  retryAtOf,
  type SendResult,
} from '../src/deliver/decide/delivery.ts';
import { confirmationMessage } from '../src/notify/messages/confirmation-message.ts';
import { linkUrlOf } from '../src/runtime/config/link-url.ts';
import type { Handler, JobContext } from '../src/runtime/queues/consume.ts';
import { done, type JobOutcome, later, skip } from '../src/runtime/queues/outcome.ts';
import type { Services } from '../src/services.ts';
import { ranks } from '../src/values/rank.ts';
import type { ConfirmationRef } from '../src/values/refs.ts';

type ConfirmServices = Pick<Services, 'db' | 'clock' | 'channels' | 'config'>;

/** The step that a test replaces, to crash in it. */
type Steps = { record: typeof recordConfirmation };

type Asking = { services: ConfirmServices; steps: Steps; ref: ConfirmationRef; context: JobContext };

export const confirmAddresses =
  (
    services: ConfirmServices,
    steps: Steps = { record: recordConfirmation },
  ): Handler<(typeof addressConfirmations)['schema']> =>
  async ({ tenantId, confirmationId, channel }, context) => {
    const asking = { services, steps, ref: { tenantId, confirmationId }, context };
    const limiter = services.channels.get(channel)?.limiter;
    if (!limiter) return claimAndSend(asking);
    // Somebody waits for it, as for an alert.
    const room = limiter.roomFor(ranks.alert);
    if (room !== 'free') return later(limiter.nextTurn(services.clock.now()), room);
    return limiter.hold(() => claimAndSend(asking));
  };

async function claimAndSend(asking: Asking, abandoned: number | null = null): Promise<JobOutcome> {
  const { services, ref } = asking;
  const claim = await claimConfirmation(services.db, ref, services.clock.now(), abandoned);
  switch (claim.kind) {
    case 'over':
      return skip('nothing to send');
    case 'waiting':
      return later(claim.until, 'to be tried again');
    case 'sending':
      return takeOver(asking, claim);
    case 'claimed': {
      const { attempt } = claim.confirmation;
      const result = await send(asking, claim.confirmation);
      return write(asking, attempt, recordOf(result, attempt, Math.random()));
    }
  }
}

async function send({ services, ref, context }: Asking, claimed: ClaimedConfirmation): Promise<SendResult> {
  const { channel, address, key, tenantName, locale } = claimed;
  const linkUrl = linkUrlOf(services.config);
  const sender = services.channels.get(channel);
  if (!sender?.sendMessage || linkUrl === null) return { kind: 'skipped', reason: 'not_configured' };
  const url = `${linkUrl}/confirm/${confirmationToken({ tenantId: ref.tenantId, key })}`;
  const message = confirmationMessage(channel, tenantName, url, { locale });
  const to = { name: null, email: null, phone: null, [channel === 'email' ? 'email' : 'phone']: address };
  const { tenantId, confirmationId: id } = ref;
  return sender.sendMessage({ tenantId, id, to, message }, sendSignal(context.signal));
}

/** A repeated job means that its worker died or hangs. */
async function takeOver(
  asking: Asking,
  { attempt, changedAt }: { attempt: number; changedAt: Temporal.Instant },
): Promise<JobOutcome> {
  const { services, ref, context } = asking;
  const expiry = claimExpiry({ changedAt });
  if (Temporal.Instant.compare(services.clock.now(), expiry) < 0 && !context.isRepeat)
    return later(expiry, 'claimed elsewhere');
  context.log.warn({ ...ref, attempt }, 'found a confirmation abandoned in sending');
  return afterAbandoned('resend', attempt) === 'resend'
    ? claimAndSend(asking, attempt)
    : write(asking, attempt, { status: 'unknown', reason: 'crashed' });
}

async function write(
  { services, steps, ref, context }: Asking,
  attempt: number,
  record: DeliveryRecord,
): Promise<JobOutcome> {
  const now = services.clock.now();
  const { status, reason } = record;
  if (!(await steps.record(services.db, { ...ref, attempt }, record, now)))
    return skip('taken over by another claim');
  context.log.info({ ...ref, attempt, status, reason }, 'tried to ask for a confirmation');
  return record.status === 'pending' ? later(retryAtOf(record, now), record.reason) : done(status);
}
