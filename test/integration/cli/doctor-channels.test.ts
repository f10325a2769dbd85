/** The checks of `doctor` for channels and their providers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkChannels } from '../../../src/cli/doctor/check-channels.ts';
import type { Check } from '../../../src/cli/doctor/check.ts';
import { readConfig, settings } from '../../../src/runtime/config/config.ts';
import { answerJson } from '../../support/servers/http-ledger.ts';
import { ChannelServers } from '../../support/servers/channel-servers.ts';

let servers: ChannelServers;

beforeAll(async () => {
  servers = await ChannelServers.start();
  servers.sms.refusing = ({ headers }, response) =>
    answerJson(response, headers.authorization === `Basic ${btoa('AC0:the-password')}` ? 200 : 401, {});
});
afterAll(() => servers.stop());

const nowhere = 'smtp://me:secret@127.0.0.1:1';

const find = (checks: Check[], name: string): Check | undefined =>
  checks.find((check) => check.name === name);

test('without settings doctor finds the in-app channel alone', async () => {
  expect(await checkChannels(readConfig({}))).toEqual([
    { name: 'channels', status: 'ok', seen: 'in-app; not configured, so skipped: email, sms, push' },
  ]);
});

test('with every channel configured and every provider up doctor reports ok', async () => {
  const checks = await checkChannels(readConfig(servers.settings));
  expect(checks.map(({ name, status }) => `${name}: ${status}`)).toEqual([
    'channels: ok',
    'mail server: ok',
    'sms provider: ok',
    'push keys: ok',
    'public url: ok',
  ]);
  expect(checks[0]?.seen).toBe('in-app, email, sms, push; not configured, so skipped: none');
  expect(servers.mail.mails).toEqual([]);
});

test('doctor names a provider that is unreachable or rejects the credentials, and prints no secret', async () => {
  const checks = await checkChannels(
    readConfig({
      ...servers.settings,
      SMTP_FALLBACK_URL: nowhere,
      SMS_TOKEN: 'another-secret',
      PUBLIC_URL: '',
    }),
  );
  expect(find(checks, 'mail server')?.status).toBe('ok');
  expect(find(checks, 'second mail server')).toMatchObject({
    status: 'fail',
    seen: 'smtp://127.0.0.1:1: connection refused',
  });
  expect(find(checks, 'sms provider')).toMatchObject({
    status: 'fail',
    seen: expect.stringContaining('answers 401'),
  });
  expect(find(checks, 'public url')?.status).toBe('warn');
  expect(JSON.stringify(checks)).not.toMatch(/secret/);
});

test('doctor gives up on a server that hangs, and refuses the VAPID keys of the documentation', async () => {
  servers.mail.wire.fallSilent();
  const { properties } = settings;
  const example = (name: keyof typeof properties) => String(Reflect.get(properties[name], 'examples')[0]);
  const checks = await checkChannels(
    readConfig({
      ...servers.settings,
      VAPID_PUBLIC_KEY: example('VAPID_PUBLIC_KEY'),
      VAPID_PRIVATE_KEY: example('VAPID_PRIVATE_KEY'),
      VAPID_SUBJECT: example('VAPID_SUBJECT'),
    }),
  );
  expect(find(checks, 'mail server')).toMatchObject({
    status: 'fail',
    seen: expect.stringContaining('no answer in 4 s'),
  });
  expect(find(checks, 'push keys')?.status).toBe('fail');
});
