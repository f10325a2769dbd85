/** What everybody knows or may guess is refused in production, and no message shows an example of a secret. */
import { expect, test } from 'vitest';
import { exampleOf, readConfig } from '../../../src/runtime/config/config.ts';

const secret = 'an-unguessable-text-of-the-tests';
const sms = { SMS_URL: 'https://sms.example.com/messages', SMS_FROM: '+15005550006' };
const example = (name: string): Record<string, string> => ({ [name]: exampleOf(name) });
const operator = (password: string) => ({ OPERATOR_USER: 'operator', OPERATOR_PASSWORD: password });

test.each([
  [{ JWT_SECRET: 'x' }, 'must be at least 32 characters long. Make one: '],
  [{ OPERATOR_PASSWORD: 'short' }, 'must be at least 8 characters long. Make one: '],
])('%j is explained with the command that makes a right one', (env, explanation) => {
  expect(() => readConfig(env)).toThrow(explanation);
  expect(() => readConfig(env)).not.toThrow(/a-long/);
});

test.each<[string, Record<string, string>, string]>([
  ['JWT_SECRET', example('JWT_SECRET'), 'published example'],
  ['JWT_SECRET', { JWT_SECRET: 'ab'.repeat(16) }, 'fewer than 12 different characters'],
  ['OPERATOR_PASSWORD', operator(exampleOf('OPERATOR_PASSWORD')), 'published example'],
  ['OPERATOR_PASSWORD', operator('password'), 'fewer than 12 characters'],
  ['OPERATOR_PASSWORD', operator('1'.repeat(12)), 'fewer than 6 different characters'],
  ['CALLBACK_SECRET', example('CALLBACK_SECRET'), 'published example'],
  [
    'VAPID_PUBLIC_KEY',
    {
      ...example('VAPID_PUBLIC_KEY'),
      ...example('VAPID_PRIVATE_KEY'),
      VAPID_SUBJECT: 'https://spendwatch.example.com/contact',
    },
    'published example',
  ],
  ['SMS_TOKEN', { ...sms, ...example('SMS_TOKEN') }, 'published example'],
  [
    'JWKS_URL',
    { JWKS_URL: 'http://login.example.com/k', JWT_ISSUER: 'a', JWT_AUDIENCE: 'b' },
    'must begin with https://',
  ],
])('%s of %j is good enough for a trial, and refused in production', (name, env, explanation) => {
  expect(() => readConfig(env)).not.toThrow();
  const inProduction = { NODE_ENV: 'production', JWT_SECRET: secret, ...env };
  expect(() => readConfig(inProduction)).toThrow(`setting ${name}: `);
  expect(() => readConfig(inProduction)).toThrow(explanation);
});

test('keys of tokens by plain http are accepted in production from this machine alone', () => {
  const jwks = { NODE_ENV: 'production', JWT_ISSUER: 'a', JWT_AUDIENCE: 'b' };
  for (const host of ['localhost:8080', '127.0.0.1', '[::1]:80'])
    expect(() => readConfig({ ...jwks, JWKS_URL: `http://${host}/keys` })).not.toThrow();
  expect(() => readConfig({ ...jwks, JWKS_URL: 'http://127.0.0.1.example.com/keys' })).toThrow('JWKS_URL');
});
