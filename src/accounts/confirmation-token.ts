/** The token of a confirmation link: 43 characters, short enough for an SMS. It is the link's only credential. */
import { bytesOfUuid, fromBase64url, toBase64url, uuidBytes, uuidOf } from '../values/base64url.ts';

export const keyBytes = 16;

/** `key`: the 16 random bytes of a confirmation. */
export type ConfirmationGrant = { tenantId: string; key: Uint8Array };

export const confirmationToken = ({ tenantId, key }: ConfirmationGrant): string =>
  toBase64url(new Uint8Array([...bytesOfUuid(tenantId), ...key]));

/** Null if the text is no such token. The caller looks for the key among the tenant's. */
export function readConfirmationToken(token: string): ConfirmationGrant | null {
  const bytes = fromBase64url(token);
  return bytes?.length === uuidBytes + keyBytes
    ? { tenantId: uuidOf(bytes.subarray(0, uuidBytes)), key: bytes.subarray(uuidBytes) }
    : null;
}
