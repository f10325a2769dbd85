import { expect, test } from 'vitest';
import { linkUrlOf } from '../../../src/runtime/config/link-url.ts';

const config = { publicUrl: null, isProduction: false, host: '127.0.0.1', port: 3000 };

test.each([
  ['PUBLIC_URL where it is set', { publicUrl: 'https://a.example', isProduction: true }, 'https://a.example'],
  ['the address listened on', {}, 'http://127.0.0.1:3000'],
  ['this machine where all addresses are listened on', { host: '0.0.0.0' }, 'http://127.0.0.1:3000'],
  ['an IPv6 address in brackets', { host: '::1' }, 'http://[::1]:3000'],
  ['nothing in production without PUBLIC_URL', { isProduction: true }, null],
  ['nothing where the system chooses the port', { port: 0 }, null],
])('links begin with %s', (_name, given, expected) => {
  expect(linkUrlOf({ ...config, ...given })).toBe(expected);
});
