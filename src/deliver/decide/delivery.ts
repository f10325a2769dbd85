/**
 * One notification on one channel, from its claim to its record: `pending → sending → sent | failed |
 * unknown`. Pure: what a send's result, or a claim found abandoned, makes of the row.
 */
import type { Withheld } from '../../notify/decide/recheck-at-claim.ts';
import type { Message } from '../../notify/decide/content.ts';
import type { DeliveryStatus, NotificationType } from '../../values/statuses.ts';
import type { Severity } from '../../values/severity.ts';
import type { Channel } from '../../values/channels.ts';

export type PushSubscription = { id: string; endpoint: string; p256dh: string; auth: string };

/** Where a person is to be reached now. */
export type Addresses = {
  name: string | null;
  email: string | null;
  phone: string | null;
  subscriptions: PushSubscription[];
};

export type WaitingNotification = { status: 'deferred' | 'capped'; until: Temporal.Instant };

/** A delivery as its claim returned it; `message` is what was frozen with the row. */
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
  /** Of a notification whose other channels wait: why, and until when. */
  waiting: WaitingNotification | null;
  /** This claim's number, from 1. Whoever records must name it, so that a claim taken over records nothing. */
  attempt: number;
};

export type Claim =
  /** `withheld`: what comes of it instead of a send; null: it is to be sent. */
  | { kind: 'claimed'; delivery: ClaimedDelivery; withheld: Withheld | null }
  /** Another's claim, or one that a crash left behind. */
  | { kind: 'sending'; channel: Channel; attempt: number; changedAt: Temporal.Instant }
  | { kind: 'over'; status: DeliveryStatus }
  | { kind: 'missing' };

export type SendResult =
  | { kind: 'sent' }
  /** For good. */
  | { kind: 'failed'; reason: string }
  | { kind: 'retry'; reason: string; retryAfterMs?: number }
  /** `unknown`: another try might be a second message. `skipped`: nothing was tried. `postponed`: no provider was asked. */
  | Withheld;

/** What a delivery found in `sending` after a crash becomes, when nobody knows whether it went out. */
export type AfterCrash = 'resend' | 'unknown';

/** What is recorded of a claim; `pending` is tried again `retryInMs` later, `isUntried` at no attempt's cost. */
export type DeliveryRecord =
  | { status: 'sent'; reason: null }
  | { status: 'failed' | 'unknown' | 'skipped'; reason: string }
  | { status: 'pending'; reason: string; retryInMs: number; isUntried: boolean };

export const maxAttempts = 8;

/** A claim this old belongs to a process that died: a send is given up well before, after `sendSeconds`. */
export const claimSeconds = 60;
export const sendSeconds = 15;

const firstRetryMs = 30_000;
const maxRetryMs = 3_600_000;

/** `jitter` is in [0, 1). */
export function recordOf(result: SendResult, attempt: number, jitter: number): DeliveryRecord {
  if (result.kind === 'sent') return { status: 'sent', reason: null };
  const { kind, reason } = result;
  const pauseMs = backoffMs(attempt, jitter);
  if (kind === 'postponed')
    return { status: 'pending', reason, retryInMs: Math.max(pauseMs, result.forMs), isUntried: true };
  if (kind !== 'retry') return { status: kind, reason };
  if (attempt >= maxAttempts) return { status: 'failed', reason };
  const retryInMs = Math.max(pauseMs, Math.min(result.retryAfterMs ?? 0, maxRetryMs));
  return { status: 'pending', reason, retryInMs, isUntried: false };
}

/** Whether somebody was asked to carry it, as far as anybody knows. */
export const wasTried = (record: DeliveryRecord): boolean =>
  record.status !== 'skipped' && !(record.status === 'pending' && record.isUntried);

/** A channel that is gone cannot say what its repeats look like; nor is a delivery tried for ever. */
export const afterAbandoned = (afterCrash: AfterCrash | undefined, attempt: number): AfterCrash =>
  afterCrash === 'resend' && attempt < maxAttempts ? 'resend' : 'unknown';

/** Doubles with each attempt up to an hour; half of it fixed, half spread. */
function backoffMs(attempt: number, jitter: number): number {
  const ceilingMs = Math.min(firstRetryMs * 2 ** (attempt - 1), maxRetryMs);
  return Math.round((ceilingMs / 2) * (1 + jitter));
}
