/**
 * Verifies a form post signed by Twilio: HMAC-SHA1 over the configured URL and every parameter. The signature
 * has no timestamp, so it never expires. Processing a post again must therefore be harmless.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security#how-twilio-signs-requests
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** `url` is the complete URL given to Twilio, with its query. */
export type TwilioPost = { url: string; form: URLSearchParams; signature: string };

/** Takes the same time for every wrong signature. `tokens` are those of all accounts that may call. */
export function isSignedByTwilio(tokens: readonly string[], { url, form, signature }: TwilioPost): boolean {
  const given = Buffer.from(signature);
  const fields = signedFields(form);
  const good = tokens
    .flatMap((token) => urlsOf(url).map((each) => signatureOf(token, each + fields)))
    .filter((wanted) => given.length === wanted.length && timingSafeEqual(given, wanted));
  return good.length > 0;
}

const signatureOf = (token: string, text: string): Buffer =>
  Buffer.from(createHmac('sha1', token).update(text).digest('base64'));

/** Sorted by name, with each distinct value of a name once. */
function signedFields(form: URLSearchParams): string {
  const names = [...new Set(form.keys())].toSorted();
  return names
    .flatMap((name) => [...new Set(form.getAll(name))].toSorted().map((value) => name + value))
    .join('');
}

/**
 * Twilio signs some posts with the port and some without, whatever the URL had. Its own libraries accept
 * both. Empty if the text is no URL, because a request target may be a whole URL.
 */
function urlsOf(text: string): string[] {
  const url = URL.parse(text);
  if (!url) return [];
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  url.port = '';
  const host = `${url.protocol}//${url.host}`;
  return [url.href, `${host}:${port}${url.href.slice(host.length)}`];
}
