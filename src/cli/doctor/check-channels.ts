/** Checks that the channels' providers are reachable and accept our credentials. Sends nothing. */
import { channelSettings, type SmsProviderConfig } from '../../runtime/config/channel-settings.ts';
import type { Config } from '../../runtime/config/config.ts';
import { networkReason } from '../../deliver/channels/network-failure.ts';
import { authorizationOf } from '../../deliver/channels/sms/sms.ts';
import { trySignIn, TransferError } from '../../deliver/channels/email/smtp-transfer.ts';
import { type Check, check, fail, ok, shownUrl, type Verdict, warn } from './check.ts';
import { type Channel, channels } from '../../values/channels.ts';

export async function checkChannels(config: Config): Promise<Check[]> {
  const { mail, sms, push } = config;
  return [
    listed(config),
    ...(await Promise.all((mail?.urls ?? []).map(mailCheck))),
    ...(await Promise.all((sms?.providers ?? []).map(smsCheck))),
    ...(push ? [pushCheck(push)] : []),
    ...(mail ? [publicUrlCheck(config)] : []),
  ];
}

function listed({ mail, sms, push }: Config): Check {
  const settings: Record<Channel, unknown> = { 'in-app': true, email: mail, sms, push };
  const [set, missing] = [true, false].map((isSet) =>
    channels.filter((channel) => (settings[channel] !== null) === isSet).join(', '),
  );
  return { name: 'channels', ...ok(`${set}; not configured, so skipped: ${missing || 'none'}`) };
}

/** Less than the time limit of a check, so that this check reports what it waited for. */
const timeoutMs = 4_000;

const nameOf = (what: string, index: number): string => (index === 0 ? what : `second ${what}`);

const mailCheck = (url: string, index: number): Promise<Check> =>
  check(nameOf('mail server', index), 'let SMTP_URL name a mail server', async () => {
    try {
      await trySignIn(url, AbortSignal.timeout(timeoutMs));
      return ok(shownUrl(url));
    } catch (error) {
      const code = error instanceof TransferError ? error.responseCode : null;
      const seen = code === null ? describe(error) : `it answers ${code}`;
      return fail(`${shownUrl(url)}: ${seen}`, 'let SMTP_URL name a mail server, and who may use it');
    }
  });

const smsCheck = (provider: SmsProviderConfig, index: number): Promise<Check> =>
  check(nameOf('sms provider', index), 'let SMS_URL name a Messages API', async () => {
    try {
      return await smsVerdict(provider);
    } catch (error) {
      const seen = `${shownUrl(provider.url)}: ${describe(error)}`;
      return fail(seen, 'let SMS_URL name a Messages API that this machine may call');
    }
  });

/** Asks for the list of messages. Even if the provider has no such list, its status shows if it accepts the token. */
async function smsVerdict(provider: SmsProviderConfig): Promise<Verdict> {
  const { status, body } = await fetch(provider.url, {
    headers: { authorization: authorizationOf(provider), accept: 'application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  await body?.cancel();
  const seen = `${shownUrl(provider.url)} answers ${status}`;
  if (status === 401 || status === 403) return fail(seen, 'set SMS_TOKEN to one that it takes');
  return status >= 500 ? warn(seen, 'see what your provider says of its service') : ok(seen);
}

function describe(error: unknown): string {
  const cause = error instanceof TransferError ? error.cause : error;
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  return isLate ? `no answer in ${timeoutMs / 1000} s` : networkReason(cause).replaceAll('_', ' ');
}

function pushCheck({ publicKey, subject }: NonNullable<Config['push']>): Check {
  const published: unknown = Reflect.get(channelSettings.VAPID_PUBLIC_KEY, 'examples');
  const isPublished = Array.isArray(published) && published.includes(publicKey);
  const verdict = isPublished
    ? fail('the keys are the example, which everybody knows', 'make some: npx web-push generate-vapid-keys')
    : ok(`a pair of keys; ${subject}`);
  return { name: 'push keys', ...verdict };
}

const publicUrlCheck = ({ publicUrl }: Config): Check => ({
  name: 'public url',
  ...(publicUrl === null
    ? warn('not set: no mail carries a link that ends it', 'set PUBLIC_URL to how people reach this service')
    : ok(publicUrl)),
});
