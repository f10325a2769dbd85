/**
 * Verifies a message's signature by Standard Webhooks 1.0: HMAC-SHA256 over id, timestamp and unchanged
 * bytes. The caller supplies the secret and the time.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export type SignedMessage = {
  id: string;
  /** Seconds since 1970, as written in the header. */
  timestamp: string;
  signatures: readonly Buffer[];
  body: Uint8Array;
};

const wholeSeconds = /^\d{1,12}$/;
const toleranceSeconds = 300;

/** Null if a header is missing or malformed. Senders that use Svix name the headers by it and sign the same text. */
export function readMessage(headers: IncomingHttpHeaders, body: Uint8Array): SignedMessage | null {
  const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map(
    (name) => headers[`webhook-${name}`] ?? headers[`svix-${name}`],
  );
  if (typeof id !== 'string' || id === '') return null;
  if (typeof timestamp !== 'string' || !wholeSeconds.test(timestamp)) return null;
  const signatures = typeof signature === 'string' ? signaturesIn(signature) : [];
  return signatures.length > 0 ? { id, timestamp, signatures, body } : null;
}

/** Returns the signatures of version 1. A sender may add other versions. */
const signaturesIn = (header: string): Buffer[] =>
  header
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .map((each) => Buffer.from(each.slice('v1,'.length)));

export const isTimely = ({ timestamp }: SignedMessage, now: Temporal.Instant): boolean =>
  Math.abs(Math.floor(now.epochMilliseconds / 1000) - Number(timestamp)) <= toleranceSeconds;

/**
 * Takes the same time for every wrong signature. If the id contains full stops, the signed text can be split
 * in more than one way. No other split leaves a body that is an event or an array of events.
 */
export function isSignedWith(
  secret: Uint8Array,
  { id, timestamp, signatures, body }: SignedMessage,
): boolean {
  const digest = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const wanted = Buffer.from(digest);
  return signatures.filter((given) => isEqual(given, wanted)).length > 0;
}

/** The length of a signature is not secret. */
const isEqual = (given: Buffer, wanted: Buffer): boolean =>
  given.length === wanted.length && timingSafeEqual(given, wanted);
