/**
 * Checks a message against a secret as Standard Webhooks 1.0 has it signed: HMAC-SHA256 over its id, its
 * timestamp and its bytes as they came. Whose secret, and what the time is, is the caller's.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export type SignedMessage = {
  id: string;
  /** Whole seconds since 1970, as they were written. */
  timestamp: string;
  signatures: readonly Buffer[];
  body: Uint8Array;
};

const wholeSeconds = /^\d{1,12}$/;
const toleranceSeconds = 300;

/** Null where a header is missing or is not of the standard's shape. */
export function readMessage(headers: IncomingHttpHeaders, body: Uint8Array): SignedMessage | null {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers;
  if (typeof id !== 'string' || id === '') return null;
  if (typeof timestamp !== 'string' || !wholeSeconds.test(timestamp)) return null;
  const signatures = typeof signature === 'string' ? signaturesIn(signature) : [];
  return signatures.length > 0 ? { id, timestamp, signatures, body } : null;
}

/** Those of the version that is checked here; a sender may add others. */
const signaturesIn = (header: string): Buffer[] =>
  header
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .map((each) => Buffer.from(each.slice('v1,'.length)));

export const isTimely = ({ timestamp }: SignedMessage, now: Temporal.Instant): boolean =>
  Math.abs(Math.floor(now.epochMilliseconds / 1000) - Number(timestamp)) <= toleranceSeconds;

/**
 * Takes as long whatever is wrong. Where an id holds full stops, what was signed can be read in more than one
 * way; no other way leaves a body that is an event, or an array of them.
 */
export function isSignedWith(
  secret: Uint8Array,
  { id, timestamp, signatures, body }: SignedMessage,
): boolean {
  const digest = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const wanted = Buffer.from(digest);
  return signatures.filter((given) => isEqual(given, wanted)).length > 0;
}

/** The length of what is wanted is no secret. */
const isEqual = (given: Buffer, wanted: Buffer): boolean =>
  given.length === wanted.length && timingSafeEqual(given, wanted);
