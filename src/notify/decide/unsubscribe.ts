/**
 * The token in a message's unsubscribe link. It names a person and a channel, and its key proves that the link was
 * sent to that person. It needs no other credential, so it can do nothing else.
 */
import { bytesOfUuid, fromBase64url, toBase64url, uuidBytes, uuidOf } from '../../values/base64url.ts';
import { isIdentifier } from '../../values/identifier.ts';
import { type InterruptingChannel, interruptingChannels } from '../../values/channels.ts';

/** `key`: the person's own, 32 random bytes in base64url. */
export type UnsubscribeGrant = {
  tenantId: string;
  userId: string;
  channel: InterruptingChannel;
  key: string;
};

const shape = /^([\w-]+)\.([\w-]{43})$/;

/**
 * URL-safe, at most 750 characters: base64url of the tenant's id, a byte for the channel and the person's id, then
 * `.` and the key.
 */
export function unsubscribeToken({ tenantId, userId, channel, key }: UnsubscribeGrant): string {
  const channelByte = interruptingChannels.indexOf(channel);
  const named = new Uint8Array([...bytesOfUuid(tenantId), channelByte, ...new TextEncoder().encode(userId)]);
  return `${toBase64url(named)}.${key}`;
}

/** Null if the text is no such token. The caller checks whether the key is the person's. */
export function readUnsubscribeToken(token: string): UnsubscribeGrant | null {
  const [, named = '', key = ''] = shape.exec(token) ?? [];
  const bytes = fromBase64url(named);
  const channel = interruptingChannels[bytes?.[uuidBytes] ?? -1];
  const userId = bytes && textOf(bytes.subarray(uuidBytes + 1));
  if (!bytes || !channel || !isIdentifier(userId)) return null;
  return { tenantId: uuidOf(bytes.subarray(0, uuidBytes)), userId, channel, key };
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
