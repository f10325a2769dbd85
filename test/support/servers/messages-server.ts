/**
 * An SMS provider with Twilio's Messages API. Each accepted message reaches a person. For an idempotency key it accepts
 * one message, and gives the same answer to a repeat.
 * https://www.twilio.com/docs/messaging/api/message-resource
 */
import { answerJson, type Answering, type Asked, HttpLedger } from './http-ledger.ts';

export type Sms = { to: string; from: string; text: string; callback: string | null; key: string | null };

const account = 'AC0';
export const password = 'the-password';
export const keyHeader = 'Idempotency-Key';

export class MessagesServer {
  readonly taken: Sms[] = [];
  /** Called with the accepted message; answers in place of the server. */
  answering: ((sms: Sms, ...asked: Parameters<Answering>) => void | Promise<void>) | null = null;
  /** Called before a message is accepted; answers in place of the server. */
  refusing: Answering | null = null;
  readonly ledger: HttpLedger;

  private constructor(ledger: HttpLedger) {
    this.ledger = ledger;
  }

  static async start(): Promise<MessagesServer> {
    const holder: { server?: MessagesServer } = {};
    const ledger = await HttpLedger.start(async (asked, response) => holder.server?.answer(asked, response));
    holder.server = new MessagesServer(ledger);
    return holder.server;
  }

  get url(): string {
    return `${this.ledger.url}/2010-04-01/Accounts/${account}/Messages.json`;
  }

  get config() {
    return { url: this.url, from: '+15005550006', token: password };
  }

  answer: Answering = async (asked, response) => {
    if (this.refusing) return this.refusing(asked, response);
    const login = Buffer.from(`${account}:${password}`).toString('base64');
    if (asked.headers.authorization !== `Basic ${login}`)
      return answerJson(response, 401, { code: 20003, message: 'Authenticate', status: 401 });
    const sms = parseSms(asked);
    const isKnown = sms.key !== null && this.taken.some(({ key }) => key === sms.key);
    if (!isKnown) this.taken.push(sms);
    if (this.answering) return this.answering(sms, asked, response);
    answerJson(response, 201, { sid: `SM${this.taken.length}`, status: 'queued' });
  };

  stop(): Promise<void> {
    return this.ledger.stop();
  }
}

function parseSms({ headers, body }: Asked): Sms {
  const form = new URLSearchParams(body.toString('utf8'));
  const key = headers[keyHeader.toLowerCase()];
  return {
    to: form.get('To') ?? '',
    from: form.get('From') ?? '',
    text: form.get('Body') ?? '',
    callback: form.get('StatusCallback'),
    key: typeof key === 'string' ? key : null,
  };
}
