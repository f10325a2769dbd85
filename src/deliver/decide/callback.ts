/**
 * What a provider says of a delivery after it took it: `delivered` or `bounced`, and what that makes of the
 * row. Pure; whether it was the provider that said so is the caller's to find out.
 */
import type { DeliveryStatus } from '../../values/statuses.ts';

export const callbackEvents = ['delivered', 'bounced'] as const;

/** The channels whose providers say more than that they took a message. */
export const callbackChannels = ['email', 'sms'] as const;
export type CallbackChannel = (typeof callbackChannels)[number];

/** The id alone finds nothing: rows are seen by whoever names their tenant. */
export type DeliveryName = { tenantId: string; deliveryId: string };

/** `isLasting`: whatever else is sent to that address will come back as well. */
export type ProviderSaid = { event: 'delivered' } | { event: 'bounced'; isLasting: boolean; reason: string };

export type Callback = { name: DeliveryName; said: ProviderSaid };

export type CalledBack = { status: 'delivered' | 'bounced'; reason: string | null; isAddressDead: boolean };

/** `attempts`: 0 also where it is to be sent anew. */
export type DeliveryState = { status: DeliveryStatus; attempts: number };

/**
 * A provider may be faster than the record of the send; what waits to be tried again, or was given up, may have been
 * taken by it, and only its answer lost; and what was delivered may come back later.
 */
const reachedFrom: Readonly<Record<ProviderSaid['event'], ReadonlySet<DeliveryStatus>>> = {
  delivered: new Set<DeliveryStatus>(['pending', 'sending', 'sent', 'unknown', 'failed']),
  bounced: new Set<DeliveryStatus>(['pending', 'sending', 'sent', 'unknown', 'failed', 'delivered']),
};

/** Null where nothing changes: said before, or of a delivery that was not under way. */
export function afterCallback({ status, attempts }: DeliveryState, said: ProviderSaid): CalledBack | null {
  if (attempts === 0 || !reachedFrom[said.event].has(status)) return null;
  if (said.event === 'delivered') return { status: 'delivered', reason: null, isAddressDead: false };
  return { status: 'bounced', reason: said.reason, isAddressDead: said.isLasting };
}

/** After all that was said of one delivery, in order. */
export function afterCallbacks(standing: DeliveryState, said: readonly ProviderSaid[]): CalledBack | null {
  return said.reduce<CalledBack | null>(
    (reached, each) => afterCallback({ ...standing, ...reached }, each) ?? reached,
    null,
  );
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const nameShape = new RegExp(`^(?<tenantId>${uuid})\\.(?<deliveryId>${uuid})$`, 'i');
/** As our mails carry it; some providers leave the brackets out. */
const messageIdShape = /^<?(?<name>[^@<>]+)@[^@<>]+>?$/;

/** `<tenantId>.<deliveryId>`; null where it is not. */
export function readDeliveryName(text: string): DeliveryName | null {
  const { tenantId, deliveryId } = nameShape.exec(text)?.groups ?? {};
  if (tenantId === undefined || deliveryId === undefined) return null;
  return { tenantId: tenantId.toLowerCase(), deliveryId: deliveryId.toLowerCase() };
}

/** Of a mail's Message-ID; null where the mail is not one of ours. */
export const readMessageId = (messageId: string): DeliveryName | null =>
  readDeliveryName(messageIdShape.exec(messageId.trim())?.groups?.['name'] ?? '');
