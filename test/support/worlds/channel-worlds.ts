/** Runs each channel against a real server of its provider, which can fail in every way that a test asks for. */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { DeliveryChannel } from '../../../src/deliver/channels/channel.ts';
import { emailChannel } from '../../../src/deliver/channels/email/email.ts';
import { Feed } from '../../../src/deliver/channels/in-app/feed.ts';
import { inAppChannel } from '../../../src/deliver/channels/in-app/in-app.ts';
import { pushChannel } from '../../../src/deliver/channels/push/push.ts';
import { smsChannel } from '../../../src/deliver/channels/sms/sms.ts';
import type { ClaimedDelivery } from '../../../src/deliver/decide/delivery.ts';
import { Babbler } from '../servers/babbler.ts';
import { answerJson } from '../servers/http-ledger.ts';
import { keyHeader, MessagesServer } from '../servers/messages-server.ts';
import type { Proxy } from '../servers/proxy.ts';
import { PushServer, vapid } from '../servers/push-server.ts';
import { MailServer, smtpRefusal } from '../servers/smtp-server.ts';
import type { Channel } from '../../../src/values/channels.ts';

export type Failure =
  /** No server listens. */
  | 'refuses'
  /** The server accepts the connection and never sends a byte. */
  | 'hangs'
  /** The server accepts the message and never responds. */
  | 'takes and hangs'
  /** The server accepts the message, and the connection breaks before its response. */
  | 'takes and dies'
  | 'answers garbage'
  /** The server refuses for now. */
  | 'is unwell'
  | 'asks for a year'
  /** The server refuses for good. */
  | 'says no';

export type ChannelWorld = {
  channel: DeliveryChannel;
  /** A delivery to a person with an address on every channel. */
  delivery: ClaimedDelivery;
  /** The messages that the person sees: in their mailbox, on their phones, in the app. */
  seen(): { title: string | null; text: string }[];
  /** Starts a failure; `mend` ends it. */
  fail(failure: Failure): Promise<void>;
  mend(): Promise<void>;
  stop(): Promise<void>;
};

export const message = {
  title: 'Groceries: 103% of the monthly budget',
  text: 'Groceries: $412.30 of $400.00 spent, $12.30 over, with 10 days left this month.',
};

export function deliveryOn(channel: Channel, to: Partial<ClaimedDelivery['to']> = {}): ClaimedDelivery {
  return {
    tenantId: randomUUID(),
    id: randomUUID(),
    userId: 'u1',
    notificationId: randomUUID(),
    channel,
    message,
    to: { name: 'Ada', email: 'ada@example.com', phone: '+15551230000', subscriptions: [], ...to },
    type: 'budget_alert',
    severity: 'danger',
    level: 100,
    waiting: null,
    attempt: 1,
  };
}

/** The circuit breaker never opens, so that one test does not affect the next. */
const lasting = { onRest: () => undefined, breakerOptions: { failures: 1000, restMs: 1 } };

/** Puts another server at the port of the real one until it is mended. */
class Impostor {
  #babbler: Babbler | null = null;

  async replace(wire: Proxy, url: string, text: string): Promise<void> {
    await wire.cut();
    this.#babbler = await Babbler.start(url, text);
  }

  async mend(wire: Proxy): Promise<void> {
    await this.#babbler?.stop();
    this.#babbler = null;
    await wire.cut();
    await wire.mend();
  }
}

const never = (): Promise<never> => Promise.withResolvers<never>().promise;

export async function emailWorld(): Promise<ChannelWorld> {
  const server = await MailServer.start();
  const from = 'Spendwatch <alerts@spendwatch.example>';
  const impostor = new Impostor();
  const failures: Record<Failure, () => void | Promise<void>> = {
    refuses: () => server.wire.cut(),
    hangs: () => server.wire.fallSilent(),
    'takes and hangs': () => void (server.behaviour.onTaken = never),
    'takes and dies': () => void (server.behaviour.onTaken = () => server.wire.cut()),
    'answers garbage': () => impostor.replace(server.wire, server.url, 'HTTP/1.1 200 OK\r\n\r\n'),
    'is unwell': () => void (server.behaviour.onAddressee = () => Promise.reject(smtpRefusal(451))),
    'asks for a year': () => void (server.behaviour.onTaken = () => Promise.reject(smtpRefusal(452))),
    'says no': () => void (server.behaviour.onAddressee = () => Promise.reject(smtpRefusal(550))),
  };
  return {
    channel: emailChannel({ urls: [server.url], from, ...lasting }),
    delivery: deliveryOn('email'),
    seen: () => {
      // A mailbox shows a mail that arrives again under its Message-ID once.
      const mails = new Map(server.mails.map((mail) => [mail.headers['message-id'], mail]));
      return [...mails.values()].map(({ headers, raw }) => ({
        title: headers['subject'] ?? null,
        text: raw.replaceAll('=\r\n', '').split('\r\n\r\n').slice(1).join('\n').trim(),
      }));
    },
    fail: async (failure) => failures[failure](),
    mend: async () => {
      server.behaviour = {};
      await impostor.mend(server.wire);
    },
    stop: () => server.stop(),
  };
}

/** The common part of the servers that speak HTTP. */
type HttpServer = Pick<MessagesServer, 'ledger' | 'refusing' | 'stop'> & {
  answering: ((accepted: never, request: never, response: ServerResponse) => void | Promise<void>) | null;
};

const yearSeconds = String(365 * 86_400);

const httpFailures = (
  server: HttpServer,
  impostor: Impostor,
): Record<Failure, () => void | Promise<void>> => ({
  refuses: () => server.ledger.wire.cut(),
  hangs: () => server.ledger.wire.fallSilent(),
  'takes and hangs': () => void (server.answering = never),
  'takes and dies': () => void (server.answering = () => server.ledger.wire.cut()),
  'answers garbage': () => impostor.replace(server.ledger.wire, server.ledger.url, '220 ESMTP\r\n'),
  'is unwell': () => void (server.refusing = (_request, response) => answerJson(response, 503, {})),
  'asks for a year': () =>
    void (server.refusing = (_request, response) =>
      answerJson(response, 429, {}, { 'retry-after': yearSeconds })),
  'says no': () =>
    void (server.refusing = (_request, response) => answerJson(response, 400, { code: 21211 })),
});

const mendHttp = async (server: HttpServer, impostor: Impostor): Promise<void> => {
  server.answering = null;
  server.refusing = null;
  await impostor.mend(server.ledger.wire);
};

export async function smsWorld(idempotencyHeader: string | null): Promise<ChannelWorld> {
  const server = await MessagesServer.start();
  const impostor = new Impostor();
  const options = {
    providers: [server.config],
    idempotencyHeader,
    publicUrl: null,
    onSegments: () => undefined,
  };
  return {
    channel: smsChannel({ ...options, ...lasting }),
    delivery: deliveryOn('sms'),
    seen: () => server.taken.map(({ text }) => ({ title: null, text })),
    fail: async (failure) => httpFailures(server, impostor)[failure](),
    mend: () => mendHttp(server, impostor),
    stop: () => server.stop(),
  };
}

export const smsWithKeysWorld = (): Promise<ChannelWorld> => smsWorld(keyHeader);

type Shown = { title: string; body: string };

export async function pushWorld(): Promise<ChannelWorld> {
  const server = await PushServer.start();
  const impostor = new Impostor();
  const options = { vapid, pushHosts: [server.host], publicUrl: null, forget: async () => undefined };
  return {
    channel: pushChannel({ ...options, ...lasting }),
    delivery: deliveryOn('push', { subscriptions: [server.subscribe('phone')] }),
    // The payload has the shape that the channel makes.
    seen: () =>
      server.shown.map(({ payload }) => payload as Shown).map(({ title, body }) => ({ title, text: body })),
    fail: async (failure) => httpFailures(server, impostor)[failure](),
    mend: () => mendHttp(server, impostor),
    stop: () => server.stop(),
  };
}

/** In-app has no provider. It can fail only with its database, and that is an error. */
export async function inAppWorld(): Promise<ChannelWorld> {
  const feed = new Feed();
  const announced = new Map<string, { title: string; text: string }>();
  feed.on('message', ({ notificationId, title, text }) => announced.set(notificationId, { title, text }));
  return {
    channel: inAppChannel({ announce: async () => undefined, feed }),
    delivery: deliveryOn('in-app'),
    seen: () => [...announced.values()],
    fail: async () => undefined,
    mend: async () => undefined,
    stop: async () => undefined,
  };
}
