/** The mail channel: an SMTP server, with failover to a second. A mail that is sent again has the same Message-ID. */
import MailComposer from 'nodemailer/lib/mail-composer';
import type { SendResult } from '../../decide/delivery.ts';
import type { Message } from '../../../notify/decide/content.ts';
import type { AddressedMessage, DeliveryChannel } from '../channel.ts';
import { abortReason, networkReason } from '../network-failure.ts';
import { accepted, type Attempt, type Provider, refused, unreachable } from '../provider.ts';
import { type FailoverOptions, ProviderFailover } from '../provider-failover.ts';
import { closing, SmtpServer, type Step, TransferError } from './smtp-transfer.ts';

/** `from`: an address, with or without a name. The tenant's name goes before it. */
export type MailOptions = FailoverOptions & { urls: readonly string[]; from: string };

export function emailChannel({ urls, from, ...failoverOptions }: MailOptions): DeliveryChannel {
  const servers = urls.map((url) => ({ url, server: new SmtpServer(url) }));
  const failover = new ProviderFailover(
    servers.map(({ url, server }) => smtpProvider(`smtp ${new URL(url).host}`, server, from)),
    failoverOptions,
  );
  const send = async (message: AddressedMessage, signal: AbortSignal): Promise<SendResult> =>
    message.to.email === null ? { kind: 'skipped', reason: 'no_address' } : failover.send(message, signal);
  return {
    channel: 'email',
    afterCrash: 'resend',
    limiter: failover.limiter,
    send,
    sendMessage: send,
    close: () => {
      for (const { server } of servers) server.close();
    },
  };
}

const smtpProvider = (name: string, server: SmtpServer, from: string): Provider<AddressedMessage> => ({
  name,
  attempt: async (delivery, signal) => {
    const mail = composed(delivery, from);
    const envelope = mail.getEnvelope();
    const content = await mail.build();
    try {
      await server.transfer({ envelope, content }, signal);
      return accepted;
    } catch (error) {
      if (error instanceof TransferError) return attemptOf(error, signal);
      throw error;
    }
  },
});

function composed(delivery: AddressedMessage, from: string) {
  const { tenantId, id, to, message } = delivery;
  const { html } = message;
  return new MailComposer({
    from: message.sender === undefined ? from : { name: message.sender, address: addressOf(from) },
    to: { name: to.name ?? '', address: to.email ?? '' },
    subject: message.title,
    text: message.text,
    ...(html === undefined ? {} : { html }),
    messageId: `<${tenantId}.${id}@${domainOf(from)}>`,
    headers: headersOf(message),
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
}

const addressOf = (from: string): string =>
  /<(?<address>[^<>]+)>\s*$/.exec(from)?.groups?.['address'] ?? from;

const domainOf = (from: string): string => /@(?<domain>[^\s@>]+)>?$/.exec(from)?.groups?.['domain'] ?? '';

/** Marks the mail as automatic (RFC 3834) and adds one-click unsubscribe (https://www.rfc-editor.org/rfc/rfc8058). */
function headersOf({ unsubscribeUrl }: Message) {
  const automatic = { 'Auto-Submitted': 'auto-generated' };
  const url = unsubscribeUrl === undefined ? null : URL.parse(unsubscribeUrl);
  if (!url || !/^https?:$/.test(url.protocol)) return automatic;
  return {
    ...automatic,
    // `prepared` keeps nodemailer from folding or encoding the URL, which would break it.
    'List-Unsubscribe': { prepared: true, value: `<${url.href}>` },
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}

/** Classifies the error by the server's code, the step it happened in and nodemailer's code. */
function attemptOf(error: TransferError, signal: AbortSignal): Attempt {
  const { step, responseCode: code, cause } = error;
  if (signal.aborted) return brokenOff(abortReason(signal), step);
  if (code !== null && code >= 400) return answeredNo(code, step);
  const name = nodemailerCodeOf(cause);
  if (step === 'envelope' && name === 'EENVELOPE') return refused('bad_address');
  if (step === 'envelope' && name === 'EMESSAGE') return refused('message_too_large');
  return brokenOff(reasons[name] ?? networkReason(cause), step);
}

/** A refusal during the greeting is aimed at this service, and not at an addressee. */
const answeredNo = (code: number, step: Step): Attempt => ({
  result: { kind: code >= 500 ? 'failed' : 'retry', reason: `smtp_${code}` },
  isNotAccepted: step === 'greeting' || (step === 'envelope' && code < 500),
  isProviderAtFault: step === 'greeting' || code === closing,
});

const brokenOff = (reason: string, step: Step): Attempt => ({
  ...unreachable(reason),
  isNotAccepted: step !== 'text',
});

const reasons: Readonly<Record<string, string>> = {
  EPROTOCOL: 'garbage_answer',
  EMESSAGE: 'garbage_answer',
  EENVELOPE: 'garbage_answer',
  EAUTH: 'sign_in_failed',
  ENOAUTH: 'sign_in_failed',
};

const nodemailerCodeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';
