/**
 * Checks a form post as Twilio signs it: HMAC-SHA1 over the URL it was told to call and every parameter.
 * There is no time in it, so a post stays good for ever: what it says must be harmless when it is said again.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security#how-twilio-signs-requests
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** `url`: the whole one, as the caller was given it, with its query. */
export type TwilioPost = { url: string; form: URLSearchParams; signature: string };

/** Takes as long whatever is wrong. `tokens`: of each account that may call. */
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

/** By name, each value of a name once. */
function signedFields(form: URLSearchParams): string {
  const names = [...new Set(form.keys())].toSorted();
  return names
    .flatMap((name) => [...new Set(form.getAll(name))].toSorted().map((value) => name + value))
    .join('');
}

/**
 * Twilio signs some with the port and some without, whatever the URL had; its own libraries take either. None
 * where it is no URL: a request may name a whole one as its target.
 */
function urlsOf(text: string): string[] {
  const url = URL.parse(text);
  if (!url) return [];
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  url.port = '';
  const host = `${url.protocol}//${url.host}`;
  return [url.href, `${host}:${port}${url.href.slice(host.length)}`];
}
