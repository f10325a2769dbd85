/** Bytes as base64url without padding, and ids as their 16 bytes: the parts of tokens in links. */

export const toBase64url = (bytes: Uint8Array): string =>
  bytes.toBase64({ alphabet: 'base64url', omitPadding: true });

/** Null if the text is no base64url. */
export function fromBase64url(text: string): Uint8Array | null {
  try {
    return Uint8Array.fromBase64(text, { alphabet: 'base64url' });
  } catch {
    return null;
  }
}

export const uuidBytes = 16;

export const bytesOfUuid = (uuid: string): Uint8Array => Uint8Array.fromHex(uuid.replaceAll('-', ''));

/** `bytes`: 16 of them. */
export const uuidOf = (bytes: Uint8Array): string =>
  bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
