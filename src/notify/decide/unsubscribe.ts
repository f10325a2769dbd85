/**
 * The token in a message's unsubscribe link. It names a person and a channel, and its key proves that the link was
 * sent to that person. It needs no other credential, so it can do nothing else.
 */
import { isIdentifier } from '../../values/identifier.ts';
import { type InterruptingChannel, interruptingChannels } from '../../values/channels.ts';

/** `key`: the person's own, 32 random bytes in base64url. */
export type UnsubscribeGrant = {
  tenantId: string;
  userId: string;
  channel: InterruptingChannel;
  key: string;
};

const tenantBytes = 16;
const shape = /^([\w-]+)\.([\w-]{43})$/;

/**
 * URL-safe, at most 750 characters: base64url of the tenant's id, a byte for the channel and the person's id, then
 * `.` and the key.
 */
export function unsubscribeToken({ tenantId, userId, channel, key }: UnsubscribeGrant): string {
  const channelByte = interruptingChannels.indexOf(channel);
  const named = new Uint8Array([
    ...Uint8Array.fromHex(tenantId.replaceAll('-', '')),
    channelByte,
    ...new TextEncoder().encode(userId),
  ]);
  return `${named.toBase64({ alphabet: 'base64url', omitPadding: true })}.${key}`;
}

/** Null if the text is no such token. The caller checks whether the key is the person's. */
export function readUnsubscribeToken(token: string): UnsubscribeGrant | null {
  const [, named = '', key = ''] = shape.exec(token) ?? [];
  const bytes = bytesOf(named);
  const channel = interruptingChannels[bytes?.[tenantBytes] ?? -1];
  const userId = bytes && textOf(bytes.subarray(tenantBytes + 1));
  if (!bytes || !channel || !isIdentifier(userId)) return null;
  return { tenantId: uuidOf(bytes.subarray(0, tenantBytes)), userId, channel, key };
}

function bytesOf(base64url: string): Uint8Array | null {
  try {
    return Uint8Array.fromBase64(base64url, { alphabet: 'base64url' });
  } catch {
    return null;
  }
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

const uuidOf = (bytes: Uint8Array): string =>
  bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
