/**
 * Provider callbacks: the later report `delivered` or `bounced` on a delivery, and the status it leads to. Pure. The
 * caller verifies that the report is the provider's.
 */
import type { DeliveryStatus } from '../../values/statuses.ts';

export const callbackEvents = ['delivered', 'bounced'] as const;

/** The channels whose providers send callbacks. */
export const callbackChannels = ['email', 'sms'] as const;
export type CallbackChannel = (typeof callbackChannels)[number];

/** Includes the tenant, because row-level security shows a row only to a transaction that names its tenant. */
export type DeliveryName = { tenantId: string; deliveryId: string };

/** `isLasting`: anything else sent to that address will bounce as well. */
export type ProviderSaid = { event: 'delivered' } | { event: 'bounced'; isLasting: boolean; reason: string };

export type Callback = { name: DeliveryName; said: ProviderSaid };

export type CalledBack = { status: 'delivered' | 'bounced'; reason: string | null; isAddressDead: boolean };

/** `attempts`: 0 also for a delivery that is to be sent anew. */
export type DeliveryState = { status: DeliveryStatus; attempts: number };

/**
 * The statuses that each event may follow. A callback may come before the send is recorded. A delivery that waits
 * for a retry or was given up may have been accepted, with only the answer lost. A delivered one may still bounce.
 */
const allowedFrom: Readonly<Record<ProviderSaid['event'], ReadonlySet<DeliveryStatus>>> = {
  delivered: new Set<DeliveryStatus>(['pending', 'sending', 'sent', 'unknown', 'failed']),
  bounced: new Set<DeliveryStatus>(['pending', 'sending', 'sent', 'unknown', 'failed', 'delivered']),
};

/** Null if nothing changes: the callback is a repeat, or the delivery was not under way. */
export function afterCallback({ status, attempts }: DeliveryState, said: ProviderSaid): CalledBack | null {
  if (attempts === 0 || !allowedFrom[said.event].has(status)) return null;
  if (said.event === 'delivered') return { status: 'delivered', reason: null, isAddressDead: false };
  return { status: 'bounced', reason: said.reason, isAddressDead: said.isLasting };
}

/** The outcome of all callbacks on one delivery, in order. */
export function afterCallbacks(state: DeliveryState, said: readonly ProviderSaid[]): CalledBack | null {
  return said.reduce<CalledBack | null>(
    (outcome, each) => afterCallback({ ...state, ...outcome }, each) ?? outcome,
    null,
  );
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const nameShape = new RegExp(`^(?<tenantId>${uuid})\\.(?<deliveryId>${uuid})$`, 'i');
/** The Message-ID of our mails. Some providers leave the brackets out. */
const messageIdShape = /^<?(?<name>[^@<>]+)@[^@<>]+>?$/;

/** Reads `<tenantId>.<deliveryId>`; null if the text is anything else. */
export function readDeliveryName(text: string): DeliveryName | null {
  const { tenantId, deliveryId } = nameShape.exec(text)?.groups ?? {};
  if (tenantId === undefined || deliveryId === undefined) return null;
  return { tenantId: tenantId.toLowerCase(), deliveryId: deliveryId.toLowerCase() };
}

/** Reads a mail's Message-ID; null if the mail is not one of ours. */
export const readMessageId = (messageId: string): DeliveryName | null =>
  readDeliveryName(messageIdShape.exec(messageId.trim())?.groups?.['name'] ?? '');
