/**
 * A push service with its browsers. It accepts requests signed with the right key (RFC 8292). It keeps one message a
 * topic for each browser (RFC 8030), and decrypts it as the browser would (RFC 8291, RFC 8188).
 */
import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  type ECDH,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto';
import webPush from 'web-push';
import type { PushSubscription } from '../../../src/deliver/decide/delivery.ts';
import { type Answering, type Asked, HttpLedger } from './http-ledger.ts';

export type Pushed = {
  subscriptionId: string;
  topic: string | null;
  ttl: number;
  urgency: string | null;
  payload: unknown;
};

type Browser = { subscription: PushSubscription; pair: ECDH };

export const vapid = { ...webPush.generateVAPIDKeys(), subject: 'mailto:operator@example.com' };

export class PushServer {
  readonly taken: Pushed[] = [];
  answering: ((pushed: Pushed, ...asked: Parameters<Answering>) => void | Promise<void>) | null = null;
  refusing: Answering | null = null;
  readonly ledger: HttpLedger;
  readonly #browsers = new Map<string, Browser>();

  private constructor(ledger: HttpLedger) {
    this.ledger = ledger;
  }

  static async start(): Promise<PushServer> {
    const holder: { server?: PushServer } = {};
    const ledger = await HttpLedger.start(async (asked, response) => holder.server?.answer(asked, response));
    holder.server = new PushServer(ledger);
    return holder.server;
  }

  get host(): string {
    return new URL(this.ledger.url).host;
  }

  /** Adds a browser that accepts messages. */
  subscribe(id: string): PushSubscription {
    const pair = createECDH('prime256v1');
    pair.generateKeys();
    const subscription = {
      id,
      endpoint: `${this.ledger.url}/push/${id}`,
      p256dh: pair.getPublicKey('base64url'),
      auth: randomBytes(16).toString('base64url'),
    };
    this.#browsers.set(id, { subscription, pair });
    return subscription;
  }

  /** Removes a browser, so that the service answers 410 for it. */
  unsubscribe(id: string): void {
    this.#browsers.delete(id);
  }

  /** The messages that browsers show: the latest of each topic. */
  get shown(): Pushed[] {
    const latest = new Map(this.taken.map((each) => [`${each.subscriptionId} ${each.topic}`, each]));
    return [...latest.values()];
  }

  answer: Answering = async (asked, response) => {
    if (this.refusing) return this.refusing(asked, response);
    const browser = this.#browsers.get(asked.path.split('/').at(-1) ?? '');
    if (!browser) return void response.writeHead(410).end();
    if (!isSigned(asked, this.ledger.url)) return void response.writeHead(403).end();
    const pushed = parsePush(asked, browser);
    this.taken.push(pushed);
    if (this.answering) return this.answering(pushed, asked, response);
    response.writeHead(201, { location: `${this.ledger.url}/message/1` }).end();
  };

  stop(): Promise<void> {
    return this.ledger.stop();
  }
}

/** Checks `vapid t=<a signed JWT>, k=<the key>`, with this push service as the audience. */
function isSigned({ headers }: Asked, audience: string): boolean {
  const { token = '', key } =
    /^vapid t=(?<token>[^,]+), k=(?<key>.+)$/.exec(headers.authorization ?? '')?.groups ?? {};
  const [head, claims = '', signature = ''] = token.split('.');
  const point = Buffer.from(vapid.publicKey, 'base64url').subarray(1);
  const x = point.subarray(0, 32).toString('base64url');
  const y = point.subarray(32).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const signed = Buffer.from(`${head}.${claims}`);
  const options = { key: publicKey, dsaEncoding: 'ieee-p1363' as const };
  const { aud, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const isOurs = key === vapid.publicKey && aud === audience && sub === vapid.subject;
  return isOurs && verify('sha256', signed, options, Buffer.from(signature, 'base64url'));
}

function parsePush({ headers, body }: Asked, browser: Browser): Pushed {
  if (headers['content-encoding'] !== 'aes128gcm') throw new Error('not encrypted as RFC 8291 has it');
  const one = (name: string): string | null => {
    const value = headers[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    subscriptionId: browser.subscription.id,
    topic: one('topic'),
    ttl: Number(one('ttl')),
    urgency: one('urgency'),
    payload: JSON.parse(decrypt(body, browser).toString('utf8')),
  };
}

/** Decrypts https://www.rfc-editor.org/rfc/rfc8291#section-3.4 in one record of https://www.rfc-editor.org/rfc/rfc8188 */
function decrypt(body: Buffer, { subscription, pair }: Browser): Buffer {
  const salt = body.subarray(0, 16);
  const sender = body.subarray(21, 21 + body.readUInt8(20));
  const record = body.subarray(21 + sender.length);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), pair.getPublicKey(), sender]);
  const auth = Buffer.from(subscription.auth, 'base64url');
  const input = Buffer.from(hkdfSync('sha256', pair.computeSecret(sender), auth, info, 32));
  const key = Buffer.from(hkdfSync('sha256', input, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', input, salt, 'Content-Encoding: nonce\0', 12));
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  // The text is followed by a 2, which marks the last record, and any number of zeros.
  return padded.subarray(0, padded.lastIndexOf(2));
}
