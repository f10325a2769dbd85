/**
 * The SMS channel: a Twilio-compatible Messages API, and a second one behind it.
 * https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
 *
 * An SMS cannot be taken back and costs money, so none is sent that may be a second one: where nobody knows
 * whether the provider took it, the delivery ends `unknown`, unless the provider takes a key and sends once.
 */
import { SegmentedMessage } from 'sms-segments-calculator';
import type { SmsProviderConfig } from '../../../runtime/config/channel-settings.ts';
import type { AfterCrash, ClaimedDelivery } from '../../decide/delivery.ts';
import type { DeliveryChannel } from '../channel.ts';
import { answeredFailure, isAccepted } from '../http-failure.ts';
import { post, type Reply } from '../http-post.ts';
import { accepted, type Attempt, type Provider, unreachable } from '../provider.ts';
import { type FailoverOptions, ProviderFailover } from '../provider-failover.ts';

export type SmsOptions = FailoverOptions & {
  providers: readonly SmsProviderConfig[];
  /** The header whose key each provider honours. */
  idempotencyHeader: string | null;
  /** Where providers tell what became of an SMS; null: nowhere. */
  publicUrl: string | null;
  /** How many parts a sent one was billed as. */
  onSegments: (count: number) => void;
};

export function smsChannel(options: SmsOptions): DeliveryChannel {
  const afterCrash = afterCrashOf(options);
  const relay = new ProviderFailover(
    options.providers.map((config) => smsProvider(config, options, afterCrash)),
    options,
  );
  return {
    channel: 'sms',
    afterCrash,
    limiter: relay.limiter,
    send: async (delivery, signal) => {
      if (delivery.to.phone === null) return { kind: 'skipped', reason: 'no_address' };
      const result = await relay.send(delivery, signal);
      if (result.kind === 'sent')
        options.onSegments(new SegmentedMessage(delivery.message.text).segmentsCount);
      return result;
    },
  };
}

/** Of two providers neither knows the other's keys. */
const afterCrashOf = ({ idempotencyHeader, providers }: SmsOptions): AfterCrash =>
  idempotencyHeader !== null && providers.length === 1 ? 'resend' : 'unknown';

const readsAtMost = 65_536;

function smsProvider(config: SmsProviderConfig, options: SmsOptions, afterCrash: AfterCrash): Provider {
  return {
    name: `sms ${new URL(config.url).host}`,
    attempt: async (delivery, signal) => {
      const headers = headersOf(config, options, delivery);
      const body = formOf(config, options, delivery);
      return attemptOf(await post({ url: config.url, headers, body, readsAtMost }, signal), afterCrash);
    },
  };
}

const headersOf = (
  config: SmsProviderConfig,
  { idempotencyHeader }: SmsOptions,
  { id }: ClaimedDelivery,
) => ({
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

function formOf({ from }: SmsProviderConfig, { publicUrl }: SmsOptions, delivery: ClaimedDelivery): string {
  const { tenantId, id, to, message } = delivery;
  const form = new URLSearchParams({ To: to.phone ?? '', From: from, Body: message.text });
  if (publicUrl !== null)
    form.set('StatusCallback', `${publicUrl}/api/providers/sms/callbacks?delivery=${tenantId}.${id}`);
  return form.toString();
}

function attemptOf(reply: Reply, afterCrash: AfterCrash): Attempt {
  if (reply.kind === 'failed')
    return reply.isConnected ? untold(reply.reason, afterCrash) : unreachable(reply.reason);
  const body = objectOf(reply.text);
  if (!isAccepted(reply.status)) return answeredNo(reply, codeOf(body));
  return typeof body['sid'] === 'string' && body['sid'] !== ''
    ? accepted
    : untold('garbage_answer', afterCrash);
}

/** With 401 it does not take us for its customer, whomever the message is for. */
function answeredNo(reply: Extract<Reply, { kind: 'answered' }>, code: string | undefined): Attempt {
  const failure = answeredFailure(reply, code);
  return { ...failure, isProviderAtFault: failure.isProviderAtFault || reply.status === 401 };
}

/** It may have been taken: nobody told. */
const untold = (reason: string, afterCrash: AfterCrash): Attempt => ({
  result: { kind: afterCrash === 'resend' ? 'retry' : 'unknown', reason },
  isUntaken: false,
  isProviderAtFault: reason !== 'stopped',
});

/** Of an error, a number: 21211 is "not a phone number". https://www.twilio.com/docs/api/errors */
const codeOf = ({ code }: Record<string, unknown>): string | undefined =>
  typeof code === 'number' && Number.isSafeInteger(code) ? String(code) : undefined;

/** Without a member where it is no JSON object. */
function objectOf(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
