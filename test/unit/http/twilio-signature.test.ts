import { describe, expect, test } from 'vitest';
import { isSignedByTwilio, type TwilioPost } from '../../../src/http/auth/twilio-signature.ts';

/** This is the example of Twilio. https://www.twilio.com/docs/usage/security#validating-requests */
const token = '12345';
const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const fields = {
  To: '+18005551212',
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675310',
  Digits: '1234',
  From: '+14158675310',
};
const signature = 'GvWf1cFY/Q7PnoempGyD5oXAezc=';

const post = (changes: Partial<TwilioPost> = {}): TwilioPost => ({
  url,
  form: new URLSearchParams(fields),
  signature,
  ...changes,
});

describe('the signature of a Twilio callback', () => {
  test('is valid in the example of Twilio, with any of several tokens', () => {
    expect(isSignedByTwilio([token], post())).toBe(true);
    expect(isSignedByTwilio(['other', token], post())).toBe(true);
  });

  test.each([
    ['a port that the signed URL lacks', { url: 'https://mycompany.com:8443/myapp.php?foo=1&bar=2' }],
    ['the usual port', { url: 'https://mycompany.com:443/myapp.php?foo=1&bar=2' }],
  ])('is valid regardless of %s', (_name, changes) => {
    expect(isSignedByTwilio([token], post(changes))).toBe(true);
  });

  test('is valid if it covers the usual port and the URL does not name it', () => {
    // OpenSSL made this HMAC-SHA1 of 'https://a.example:443/b'.
    const signed = { url: 'https://a.example/b', form: new URLSearchParams() };
    expect(isSignedByTwilio([token], { ...signed, signature: 'LwM+N5ZZX603Qiw09SMUR4h3mbc=' })).toBe(true);
  });

  test.each([
    ['another token', ['12346'], {}],
    ['no token', [], {}],
    ['another host', [token], { url: url.replace('mycompany', 'yourcompany') }],
    ['another query', [token], { url: `${url}1` }],
    ['http', [token], { url: url.replace('https', 'http') }],
    ['another field', [token], { form: new URLSearchParams({ ...fields, Digits: '1235' }) }],
    ['one field more', [token], { form: new URLSearchParams({ ...fields, A: '' }) }],
    ['one field less', [token], { form: new URLSearchParams() }],
    ['an invalid URL', [token], { url: 'https://a.example:8443http://[b/c' }],
    ['an empty signature', [token], { signature: '' }],
    ['its last character missing', [token], { signature: signature.slice(0, -1) }],
  ])('is invalid with %s', (_name, tokens, changes) => {
    expect(isSignedByTwilio(tokens, post(changes))).toBe(false);
  });
});
