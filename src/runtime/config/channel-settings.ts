/**
 * The settings of the channels that leave the house: mail, SMS, web push. A channel whose settings are left
 * out is not configured; some of them without the others are refused.
 */
import { createECDH } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { matching, type SettingError, text, url } from './setting.ts';

const secretUrl = 'smtp://user:secret@mail.example.com:587';
const messagesUrl = 'https://api.twilio.com/2010-04-01/Accounts/AC123/Messages.json';

export const channelSettings = {
  PUBLIC_URL: url(
    'https?',
    'how people’s mail programs and browsers reach this service; without it messages carry no links',
    'https://spendwatch.example.com',
  ),
  SMTP_URL: url('smtps?', 'the mail server; with MAIL_FROM', secretUrl),
  SMTP_FALLBACK_URL: url(
    'smtps?',
    'a second mail server, for what the first cannot have taken',
    'smtp://user:secret@backup.example.com:587',
  ),
  MAIL_FROM: matching(
    '^(?:[^<>\\r\\n]*<[^\\s@<>]+@[^\\s@<>]+>|[^\\s@<>]+@[^\\s@<>]+)$',
    'a mail address, with or without a name before it',
    'whom mail comes from',
    'Spendwatch <alerts@example.com>',
  ),
  SMS_URL: url('https?', 'a Twilio-compatible Messages API; with SMS_FROM and SMS_TOKEN', messagesUrl),
  SMS_FROM: text('whom SMS come from', '+15005550006'),
  SMS_TOKEN: text(
    '`user:password`, or the password of the account that SMS_URL names, or a bearer token',
    'a-token-of-the-provider',
  ),
  SMS_FALLBACK_URL: url('https?', 'a second one, for what the first cannot have taken', messagesUrl),
  SMS_FALLBACK_FROM: text('whom SMS come from there', '+15005550006'),
  SMS_FALLBACK_TOKEN: text('as SMS_TOKEN, there', 'a-token-of-the-other-provider'),
  SMS_IDEMPOTENCY_HEADER: matching(
    "^[A-Za-z0-9!#$%&'*+.^_|~-]+$",
    'the name of a header',
    'header under which the SMS provider takes a key and sends once however often it is asked',
    'Idempotency-Key',
  ),
  VAPID_PUBLIC_KEY: matching(
    '^B[A-Za-z0-9_-]{86}$',
    'a public key as "npx web-push generate-vapid-keys" prints it',
    'identifies this service to web push; with the next two',
    'BPDpdCQUwc6jMTD2pljGKY5AGsyGt7YtCrmNrU0QoMa0zs2RSZP1QKu6FdXYNEqADjUVPKKugz3puNgNN7FkmTQ',
  ),
  VAPID_PRIVATE_KEY: matching(
    '^[A-Za-z0-9_-]{43}$',
    'a private key as "npx web-push generate-vapid-keys" prints it',
    'the key that belongs to it',
    '136jqdy4RpDK41H5PwtxmgHC_7tf_spv0khTaZpqAz0',
  ),
  VAPID_SUBJECT: matching(
    '^(?:mailto:[^\\s@]+@\\S+|https://\\S+)$',
    'an address that begins with mailto: or https://',
    'whom push services write to when something is wrong',
    'mailto:operator@example.com',
  ),
  PUSH_HOSTS: matching(
    '^[^\\s,/@]+(?:\\s*,\\s*[^\\s,/@]+)*$',
    'hosts, or hosts with ports, with commas',
    'push services beside those of the browsers, with commas; by http too',
    'push.example.com,localhost:8080',
  ),
};

const schema = Type.Object(channelSettings);
type Values = Static<typeof schema>;

export type SmsProviderConfig = { url: string; from: string; token: string };

/** Null: the channel is not configured. Of several providers the first goes first. */
export type ChannelConfig = {
  /** Without a slash at its end. */
  publicUrl: string | null;
  mail: { urls: string[]; from: string } | null;
  sms: { providers: SmsProviderConfig[]; idempotencyHeader: string | null } | null;
  push: { publicKey: string; privateKey: string; subject: string } | null;
  /** `host` or `host:port`, in lower case. */
  pushHosts: readonly string[];
};

type Refuse = (name: string, message: string) => SettingError;

/** Throws what `refuse` makes of the first setting that is missing beside others, or does not fit them. */
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

/** Null where it is no number that can be a key. */
function publicKeyOf(privateKey: string): string | null {
  const pair = createECDH('prime256v1');
  try {
    pair.setPrivateKey(privateKey, 'base64url');
    return pair.getPublicKey('base64url');
  } catch {
    return null;
  }
}

/** Null where none of them is set. */
function allOrNone<Name extends keyof Values>(
  values: Values,
  names: readonly Name[],
  refuse: Refuse,
): Record<Name, string> | null {
  const given = names.find((name) => values[name] !== undefined);
  if (given === undefined) return null;
  const missing = names.find((name) => values[name] === undefined);
  if (missing !== undefined) throw refuse(missing, `is needed with ${given}`);
  // Each was found to be there.
  return Object.fromEntries(names.map((name) => [name, values[name]])) as Record<Name, string>;
}
