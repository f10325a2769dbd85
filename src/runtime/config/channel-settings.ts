/**
 * The settings of the external channels: email, SMS and push. A channel without settings is not configured; an
 * incomplete set is refused.
 */
import { createECDH } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { matching, type Refuse, text, url } from './setting.ts';

const secretUrl = 'smtp://user:secret@mail.example.com:587';
const messagesUrl = 'https://api.twilio.com/2010-04-01/Accounts/AC123/Messages.json';

export const channelSettings = {
  PUBLIC_URL: url(
    'https?',
    'base URL of this service in messages; in production messages have no links without it',
    'https://spendwatch.example.com',
  ),
  SMTP_URL: url('smtps?', 'mail server; needs MAIL_FROM', secretUrl),
  SMTP_FALLBACK_URL: url(
    'smtps?',
    'second mail server, used only for messages that the first certainly did not accept',
    'smtp://user:secret@backup.example.com:587',
  ),
  MAIL_FROM: matching(
    '^(?:[^<>\\r\\n]*<[^\\s@<>]+@[^\\s@<>]+>|[^\\s@<>]+@[^\\s@<>]+)$',
    'a mail address, with or without a name before it',
    'address that emails come from; the tenant’s name goes before it',
    'Spendwatch <alerts@example.com>',
  ),
  SMS_URL: url('https?', 'Twilio-compatible Messages API; needs SMS_FROM and SMS_TOKEN', messagesUrl),
  SMS_FROM: text('sender of SMS', '+15005550006'),
  SMS_TOKEN: text(
    '`user:password`, the password of the account in SMS_URL, or a bearer token',
    'a-token-of-the-provider',
  ),
  SMS_FALLBACK_URL: url(
    'https?',
    'second SMS API, used only for messages that the first certainly did not accept',
    messagesUrl,
  ),
  SMS_FALLBACK_FROM: text('sender of SMS at the second API', '+15005550006'),
  SMS_FALLBACK_TOKEN: text('token for the second API, as SMS_TOKEN', 'a-token-of-the-other-provider'),
  SMS_IDEMPOTENCY_HEADER: matching(
    "^[A-Za-z0-9!#$%&'*+.^_|~-]+$",
    'the name of a header',
    'header for an idempotency key, if the SMS provider sends once per key',
    'Idempotency-Key',
  ),
  VAPID_PUBLIC_KEY: matching(
    '^B[A-Za-z0-9_-]{86}$',
    'a public key as "npx web-push generate-vapid-keys" prints it',
    'public key of this service for web push; needs VAPID_PRIVATE_KEY and VAPID_SUBJECT',
    'BPDpdCQUwc6jMTD2pljGKY5AGsyGt7YtCrmNrU0QoMa0zs2RSZP1QKu6FdXYNEqADjUVPKKugz3puNgNN7FkmTQ',
  ),
  VAPID_PRIVATE_KEY: matching(
    '^[A-Za-z0-9_-]{43}$',
    'a private key as "npx web-push generate-vapid-keys" prints it',
    'private key that belongs to VAPID_PUBLIC_KEY',
    '136jqdy4RpDK41H5PwtxmgHC_7tf_spv0khTaZpqAz0',
  ),
  VAPID_SUBJECT: matching(
    '^(?:mailto:[^\\s@]+@\\S+|https://\\S+)$',
    'an address that begins with mailto: or https://',
    'contact for push services when something is wrong',
    'mailto:operator@example.com',
  ),
  PUSH_HOSTS: matching(
    '^[^\\s,/@]+(?:\\s*,\\s*[^\\s,/@]+)*$',
    'hosts, or hosts with ports, with commas',
    'hosts of more push services than the browsers’ own, separated by commas; plain http is allowed for them',
    'push.example.com,localhost:8080',
  ),
};

const schema = Type.Object(channelSettings);
type Values = Static<typeof schema>;

export type SmsProviderConfig = { url: string; from: string; token: string };

/** Null: the channel is not configured. If there are several providers, the first is asked first. */
export type ChannelConfig = {
  /** It has no slash at its end. */
  publicUrl: string | null;
  mail: { urls: string[]; from: string } | null;
  sms: { providers: SmsProviderConfig[]; idempotencyHeader: string | null } | null;
  push: { publicKey: string; privateKey: string; subject: string } | null;
  /** `host` or `host:port`, in lower case. */
  pushHosts: readonly string[];
};

/** Throws the error of `refuse` for the first setting that is missing beside others or does not fit them. */
export function channelConfigOf(values: Values, refuse: Refuse): ChannelConfig {
  for (const name of urlNames) {
    const given = values[name];
    if (given !== undefined && !URL.canParse(given)) throw refuse(name, 'is no URL');
  }
  return {
    publicUrl: values.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    mail: mailOf(values, refuse),
    sms: smsOf(values, refuse),
    push: pushOf(values, refuse),
    pushHosts: values.PUSH_HOSTS?.split(',').map((host) => host.trim().toLowerCase()) ?? [],
  };
}

const urlNames = ['PUBLIC_URL', 'SMTP_URL', 'SMTP_FALLBACK_URL', 'SMS_URL', 'SMS_FALLBACK_URL'] as const;

function mailOf(values: Values, refuse: Refuse): ChannelConfig['mail'] {
  const mail = allOrNone(values, ['SMTP_URL', 'MAIL_FROM'], refuse);
  const second = values.SMTP_FALLBACK_URL;
  if (!mail && second) throw refuse('SMTP_URL', 'is needed with SMTP_FALLBACK_URL');
  return mail && { urls: second ? [mail.SMTP_URL, second] : [mail.SMTP_URL], from: mail.MAIL_FROM };
}

function smsOf(values: Values, refuse: Refuse): ChannelConfig['sms'] {
  const first = allOrNone(values, ['SMS_URL', 'SMS_FROM', 'SMS_TOKEN'], refuse);
  const names = ['SMS_FALLBACK_URL', 'SMS_FALLBACK_FROM', 'SMS_FALLBACK_TOKEN'] as const;
  const second = allOrNone(values, names, refuse);
  const idempotencyHeader = values.SMS_IDEMPOTENCY_HEADER ?? null;
  if (!first && second) throw refuse('SMS_URL', 'is needed with SMS_FALLBACK_URL');
  if (!first && idempotencyHeader) throw refuse('SMS_URL', 'is needed with SMS_IDEMPOTENCY_HEADER');
  if (!first) return null;
  const providers = [{ url: first.SMS_URL, from: first.SMS_FROM, token: first.SMS_TOKEN }];
  if (second)
    providers.push({
      url: second.SMS_FALLBACK_URL,
      from: second.SMS_FALLBACK_FROM,
      token: second.SMS_FALLBACK_TOKEN,
    });
  return { providers, idempotencyHeader };
}

function pushOf(values: Values, refuse: Refuse): ChannelConfig['push'] {
  const push = allOrNone(values, ['VAPID_PUBLIC_KEY', 'VAPID_PRIVATE_KEY', 'VAPID_SUBJECT'], refuse);
  if (!push) return null;
  const { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey, VAPID_SUBJECT: subject } = push;
  if (publicKeyOf(privateKey) !== publicKey)
    throw refuse('VAPID_PRIVATE_KEY', 'is not the one that belongs to VAPID_PUBLIC_KEY');
  return { publicKey, privateKey, subject };
}

/** Null if the text is no valid private key. */
function publicKeyOf(privateKey: string): string | null {
  const pair = createECDH('prime256v1');
  try {
    pair.setPrivateKey(privateKey, 'base64url');
    return pair.getPublicKey('base64url');
  } catch {
    return null;
  }
}

/** Null if none of them is set. */
function allOrNone<Name extends keyof Values>(
  values: Values,
  names: readonly Name[],
  refuse: Refuse,
): Record<Name, string> | null {
  const given = names.find((name) => values[name] !== undefined);
  if (given === undefined) return null;
  const missing = names.find((name) => values[name] === undefined);
  if (missing !== undefined) throw refuse(missing, `is needed with ${given}`);
  // Each was found above.
  return Object.fromEntries(names.map((name) => [name, values[name]])) as Record<Name, string>;
}
