/**
 * The token in a link to one notification: 44 characters, so that an SMS with the link fits one part. It holds the
 * tenant's id, the first half of the notification's and a proof made with the person's key. Nothing is stored for it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { bytesOfUuid, fromBase64url, toBase64url, uuidBytes, uuidOf } from '../../values/base64url.ts';

const idBytes = 8;
/** 72 bits, which only this service can check. */
const proofBytes = 9;

/** `key`: the person's own, as in unsubscribe links. */
export type NotificationLink = { tenantId: string; notificationId: string; key: string };

/** A link as it was opened: the notification is one of those from `first` to `last`, and the proof says which. */
export type OpenedLink = { tenantId: string; first: string; last: string; proof: Uint8Array };

export const notificationToken = ({ tenantId, notificationId, key }: NotificationLink): string =>
  toBase64url(
    new Uint8Array([
      ...bytesOfUuid(tenantId),
      ...bytesOfUuid(notificationId).subarray(0, idBytes),
      ...proofOf(notificationId, key),
    ]),
  );

/** Null if the text is no such token. The caller checks the proof. */
export function readNotificationToken(token: string): OpenedLink | null {
  const bytes = fromBase64url(token);
  if (bytes?.length !== uuidBytes + idBytes + proofBytes) return null;
  const half = bytes.subarray(uuidBytes, uuidBytes + idBytes);
  const id = (rest: number): string =>
    uuidOf(new Uint8Array([...half, ...new Uint8Array(uuidBytes - idBytes).fill(rest)]));
  return {
    tenantId: uuidOf(bytes.subarray(0, uuidBytes)),
    first: id(0x00),
    last: id(0xff),
    proof: bytes.subarray(uuidBytes + idBytes),
  };
}

export const isProof = ({ proof }: OpenedLink, notificationId: string, key: string): boolean =>
  timingSafeEqual(proof, proofOf(notificationId, key));

/** The prefix keeps the key's other uses apart. */
const proofOf = (notificationId: string, key: string): Uint8Array =>
  createHmac('sha256', key).update(`notification ${notificationId}`).digest().subarray(0, proofBytes);
