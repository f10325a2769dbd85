import { describe, expect, test } from 'vitest';
import { isPushEndpoint } from '../../../src/deliver/channels/push/push-endpoint.ts';

describe('the push endpoint of a browser vendor', () => {
  test.each([
    'https://fcm.googleapis.com/fcm/send/abc',
    'https://fcm.googleapis.com:443/fcm/send/abc',
    'https://FCM.googleapis.com/fcm/send/abc',
    'https://updates.push.services.mozilla.com/wpush/v2/abc',
    'https://web.push.apple.com/abc',
    'https://wns2-am3p.notify.windows.com/w/?token=abc',
  ])('%s is accepted', (endpoint) => {
    expect(isPushEndpoint(endpoint, [])).toBe(true);
  });

  test.each([
    'http://fcm.googleapis.com/fcm/send/abc',
    'https://fcm.googleapis.com:8443/fcm/send/abc',
    'https://me:secret@fcm.googleapis.com/fcm/send/abc',
    'https://me@fcm.googleapis.com/fcm/send/abc',
    'https://fcm.googleapis.com.example.com/abc',
    'https://evil-fcm.googleapis.com/abc',
    'https://fcm.googleapis.com./abc',
    'https://push.apple.com/abc',
    'https://notify.windows.com.example.com/abc',
    'https://example.com/https://fcm.googleapis.com/',
    'https://example.com#.push.apple.com',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://localhost/',
    'ftp://fcm.googleapis.com/abc',
    'fcm.googleapis.com/abc',
    `https://fcm.googleapis.com/${'a'.repeat(2000)}`,
    '',
  ])('%s is refused', (endpoint) => {
    expect(isPushEndpoint(endpoint, [])).toBe(false);
  });
});

describe('the push endpoint of a configured host', () => {
  test.each([
    ['https://push.example.com/abc', 'push.example.com', true],
    ['http://push.example.com/abc', 'push.example.com', true],
    ['https://push.example.com:443/abc', 'push.example.com', true],
    ['https://push.example.com:8080/abc', 'push.example.com', false],
    ['http://localhost:8080/abc', 'localhost:8080', true],
    ['http://localhost:8081/abc', 'localhost:8080', false],
    ['http://127.0.0.1:8080/abc', '127.0.0.1:8080', true],
    ['http://127.1:8080/abc', '127.0.0.1:8080', true],
    ['http://[::1]:8080/abc', '[::1]:8080', true],
    ['https://deep.push.example.com/abc', 'push.example.com', false],
    ['https://me:secret@push.example.com/abc', 'push.example.com', false],
    ['ftp://push.example.com/abc', 'push.example.com', false],
  ])('%s is accepted for the host %s: %s', (endpoint, host, expected) => {
    expect(isPushEndpoint(endpoint, [host])).toBe(expected);
  });
});
