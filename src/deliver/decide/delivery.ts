/**
 * A delivery, one notification on one channel, from its claim to its record: `pending → sending → sent | failed |
 * unknown`. Pure: decides the record of a send's result or of an abandoned claim.
 */
import type { Withheld } from '../../notify/decide/recheck-at-claim.ts';
import type { Message, NotificationContent } from '../../notify/decide/content.ts';
import type { MessageRecipient } from '../../notify/decide/policy.ts';
import type { DeliveryStatus, NotificationType } from '../../values/statuses.ts';
import type { Severity } from '../../values/severity.ts';
import type { Channel } from '../../values/channels.ts';

export type PushSubscription = { id: string; endpoint: string; p256dh: string; auth: string };

/** A person's current addresses. */
export type Addresses = {
  name: string | null;
  email: string | null;
  phone: string | null;
  subscriptions: PushSubscription[];
};

export type WaitingNotification = { status: 'deferred' | 'capped'; until: Temporal.Instant };

/** A delivery as its claim returned it. `message` was rendered when the delivery was planned. */
export type ClaimedDelivery = {
  tenantId: string;
  id: string;
  userId: string;
  notificationId: string;
  channel: Channel;
  message: Message;
  to: Addresses;
  type: NotificationType;
  severity: Severity;
  level: number | null;
  /** For a deferred or capped notification: its status, and until when its other channels wait. */
  waiting: WaitingNotification | null;
  /** The number of this claim, from 1. A record must name it, so that a claim that was taken over records nothing. */
  attempt: number;
};

/** The content of a delivery that waited, as it still holds, and its reader. */
type Renewed = { content: NotificationContent; recipient: MessageRecipient };

export type Claim =
  /**
   * `withheld`: the outcome of a delivery that is not sent; null: it is to be sent. `renewed`: what it says now that it
   * has waited; null: what it said.
   */
  | { kind: 'claimed'; delivery: ClaimedDelivery; withheld: Withheld | null; renewed: Renewed | null }
  /** It was tried, and is tried again then. */
  | { kind: 'waiting'; until: Temporal.Instant }
  /** Claimed by another worker, or by one that crashed. */
  | { kind: 'sending'; channel: Channel; attempt: number; changedAt: Temporal.Instant }
  | { kind: 'over'; status: DeliveryStatus }
  | { kind: 'missing' };

export type SendResult =
  | { kind: 'sent' }
  /** Final: no retry. */
  | { kind: 'failed'; reason: string }
  | { kind: 'retry'; reason: string; retryAfterMs?: number }
  /**
   * `unknown`: another try might be a second message. `skipped`: nothing was tried. `postponed`: no provider was
   * asked.
   */
  | Withheld;

/** The outcome for a delivery found in `sending` after a crash, when it is unclear whether it went out. */
export type AfterCrash = 'resend' | 'unknown';

/** The record of a claim. `pending` is retried after `retryInMs`. With `isUntried` the claim costs no attempt. */
export type DeliveryRecord =
  | { status: 'sent'; reason: null }
  | { status: 'failed' | 'unknown'; reason: string }
  /** `isStale`: what it tells does not hold any more. */
  | { status: 'skipped'; reason: string; isStale?: true }
  | { status: 'pending'; reason: string; retryInMs: number; isUntried: boolean };

export const maxAttempts = 8;

/** A claim of this age belongs to a process that died: a send is aborted well before, after `sendSeconds`. */
export const claimSeconds = 60;
export const sendSeconds = 15;

/** When a claim may be taken over. */
export const claimExpiry = ({ changedAt }: { changedAt: Temporal.Instant }): Temporal.Instant =>
  changedAt.add({ seconds: claimSeconds });

const firstRetryMs = 30_000;
const maxRetryMs = 3_600_000;

/** `jitter` is in [0, 1). */
export function recordOf(result: SendResult, attempt: number, jitter: number): DeliveryRecord {
  if (result.kind === 'sent') return { status: 'sent', reason: null };
  const { kind, reason } = result;
  const pauseMs = backoffMs(attempt, jitter);
  if (kind === 'postponed')
    return { status: 'pending', reason, retryInMs: Math.max(pauseMs, result.forMs), isUntried: true };
  if (result.kind === 'skipped') {
    const { kind: status, ...skipped } = result;
    return { status, ...skipped };
  }
  if (kind !== 'retry') return { status: kind, reason };
  if (attempt >= maxAttempts) return { status: 'failed', reason };
  const retryInMs = Math.max(pauseMs, Math.min(result.retryAfterMs ?? 0, maxRetryMs));
  return { status: 'pending', reason, retryInMs, isUntried: false };
}

/**
 * Whether a new text may take the place of the one that was tried. A second mail or push message under the same id
 * replaces the first. A provider that honours an idempotency key may refuse another text under it.
 */
export const mayRenew = ({ channel, attempt }: ClaimedDelivery, afterCrash: AfterCrash): boolean =>
  attempt === 1 || channel !== 'sms' || afterCrash === 'unknown';

/** In whole milliseconds, as the queue knows times. */
export const retryAtOf = (
  { retryInMs }: Extract<DeliveryRecord, { status: 'pending' }>,
  now: Temporal.Instant,
): Temporal.Instant => now.add({ milliseconds: retryInMs }).round('millisecond');

/** Whether a provider was asked, as far as is known. */
export const wasTried = (record: DeliveryRecord): boolean =>
  record.status !== 'skipped' && !(record.status === 'pending' && record.isUntried);

/** `unknown` for a channel that is no longer set up, and after the last attempt. */
export const afterAbandoned = (afterCrash: AfterCrash | undefined, attempt: number): AfterCrash =>
  afterCrash === 'resend' && attempt < maxAttempts ? 'resend' : 'unknown';

/** The ceiling doubles with each attempt, up to an hour. Half of it is fixed and half is scaled by the jitter. */
function backoffMs(attempt: number, jitter: number): number {
  const ceilingMs = Math.min(firstRetryMs * 2 ** (attempt - 1), maxRetryMs);
  return Math.round((ceilingMs / 2) * (1 + jitter));
}
