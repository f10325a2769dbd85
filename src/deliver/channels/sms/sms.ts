/**
 * The SMS channel: a Twilio-compatible Messages API, with failover to a second.
 * https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
 *
 * An SMS costs money and cannot be recalled, so a send that may be a second one is avoided. If it is unclear
 * whether the provider accepted the SMS, the delivery ends `unknown`. It is retried only if an idempotency key
 * prevents a second.
 */
import { SegmentedMessage } from 'sms-segments-calculator';
import type { SmsProviderConfig } from '../../../runtime/config/channel-settings.ts';
import type { AfterCrash, SendResult } from '../../decide/delivery.ts';
import type { AddressedMessage, DeliveryChannel } from '../channel.ts';
import { answeredFailure, isAccepted } from '../http-failure.ts';
import { post, type Reply } from '../http-post.ts';
import { accepted, type Attempt, type Provider, unreachable } from '../provider.ts';
import { type FailoverOptions, ProviderFailover } from '../provider-failover.ts';

export type SmsOptions = FailoverOptions & {
  providers: readonly SmsProviderConfig[];
  /** The header for the idempotency key, which each provider honours; null: none. */
  idempotencyHeader: string | null;
  /** The base of the address for provider callbacks; null: none are asked for. */
  publicUrl: string | null;
  /** Receives the number of parts that a sent SMS is billed as. */
  onSegments: (count: number) => void;
};

export function smsChannel(options: SmsOptions): DeliveryChannel {
  const afterCrash = afterCrashOf(options);
  const failover = new ProviderFailover(
    options.providers.map((config) => smsProvider(config, options, afterCrash)),
    options,
  );
  const send = async (sms: Sms, signal: AbortSignal): Promise<SendResult> => {
    if (sms.to.phone === null) return { kind: 'skipped', reason: 'no_address' };
    const result = await failover.send(sms, signal);
    if (result.kind === 'sent') options.onSegments(new SegmentedMessage(sms.message.text).segmentsCount);
    return result;
  };
  return {
    channel: 'sms',
    afterCrash,
    limiter: failover.limiter,
    send: (delivery, signal) => send({ ...delivery, callbackUrl: callbackOf(options, delivery) }, signal),
    // Nobody waits for the provider's later word on it.
    sendMessage: (message, signal) => send({ ...message, callbackUrl: null }, signal),
  };
}

/** `callbackUrl`: where the provider reports what became of it; null: nowhere. */
type Sms = AddressedMessage & { callbackUrl: string | null };

const callbackOf = ({ publicUrl }: SmsOptions, { tenantId, id }: AddressedMessage): string | null =>
  publicUrl && `${publicUrl}/api/providers/sms/callbacks?delivery=${tenantId}.${id}`;

/** With two providers a key does not help: neither knows the other's keys. */
const afterCrashOf = ({ idempotencyHeader, providers }: SmsOptions): AfterCrash =>
  idempotencyHeader !== null && providers.length === 1 ? 'resend' : 'unknown';

const readsAtMost = 65_536;

function smsProvider(config: SmsProviderConfig, options: SmsOptions, afterCrash: AfterCrash): Provider<Sms> {
  return {
    name: `sms ${new URL(config.url).host}`,
    attempt: async (sms, signal) => {
      const headers = headersOf(config, options, sms);
      const body = formOf(config, sms);
      return attemptOf(await post({ url: config.url, headers, body, readsAtMost }, signal), afterCrash);
    },
  };
}

const headersOf = (config: SmsProviderConfig, { idempotencyHeader }: SmsOptions, { id }: Sms) => ({
  authorization: authorizationOf(config),
  'content-type': 'application/x-www-form-urlencoded',
  accept: 'application/json',
  ...(idempotencyHeader === null ? {} : { [idempotencyHeader]: id }),
});

export function authorizationOf({ url, token }: SmsProviderConfig): string {
  const account = /\/Accounts\/(?<account>[^/]+)/.exec(new URL(url).pathname)?.groups?.['account'];
  const login = token.includes(':') ? token : account && `${account}:${token}`;
  return login ? `Basic ${Buffer.from(login).toString('base64')}` : `Bearer ${token}`;
}

function formOf({ from }: SmsProviderConfig, { to, message, callbackUrl }: Sms): string {
  const form = new URLSearchParams({ To: to.phone ?? '', From: from, Body: message.text });
  if (callbackUrl !== null) form.set('StatusCallback', callbackUrl);
  return form.toString();
}

function attemptOf(reply: Reply, afterCrash: AfterCrash): Attempt {
  if (reply.kind === 'failed')
    return reply.isConnected ? unclear(reply.reason, afterCrash) : unreachable(reply.reason);
  const body = objectOf(reply.text);
  if (!isAccepted(reply.status)) return answeredNo(reply, codeOf(body));
  return typeof body['sid'] === 'string' && body['sid'] !== ''
    ? accepted
    : unclear('garbage_answer', afterCrash);
}

/** 401 is the provider's fault too: it rejects this service's credentials, whatever the message. */
function answeredNo(reply: Extract<Reply, { kind: 'answered' }>, code: string | undefined): Attempt {
  const failure = answeredFailure(reply, code);
  return { ...failure, isProviderAtFault: failure.isProviderAtFault || reply.status === 401 };
}

/** The provider may have accepted the SMS: there was no clear answer. */
const unclear = (reason: string, afterCrash: AfterCrash): Attempt => ({
  result: { kind: afterCrash === 'resend' ? 'retry' : 'unknown', reason },
  isNotAccepted: false,
  isProviderAtFault: reason !== 'stopped',
});

/** The provider's error code: 21211 is "not a phone number". https://www.twilio.com/docs/api/errors */
const codeOf = ({ code }: Record<string, unknown>): string | undefined =>
  typeof code === 'number' && Number.isSafeInteger(code) ? String(code) : undefined;

/** An empty object if the text is not a JSON object. */
function objectOf(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
