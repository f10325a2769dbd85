/** Runs a service with a mail server and an SMS provider behind it, which post callbacks later. */
import { createHmac, randomInt } from 'node:crypto';
import { MailServer } from '../servers/smtp-server.ts';
import { MessagesServer, password } from '../servers/messages-server.ts';
import { Person, type ReceivedNotification } from './person.ts';
import { type Answer, startService, type TestService, type TestServiceOptions } from '../servers/service.ts';
import { nowSeconds, signatureOf } from '../servers/webhook.ts';

const callbackSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** The public URL of a proxy before the service, which strips the path `/front`. */
export const publicUrl = 'https://spendwatch.example.com/front';

/** The differences of a post from a valid callback. `sign` is the text signed in place of the body. */
type Posted = { secret?: string; offsetSeconds?: number; headers?: Record<string, string>; sign?: string };
type Signed = { token?: string; path?: string; fields?: Record<string, string> };

/** A notified person. `messageId` is that of their mail; `sms` is the callback path given to the SMS provider. */
export type Delivered = { person: Person; email: string; phone: string; messageId: string; sms: string };

/** Finds `<tenant>.<delivery>` in the Message-ID of a mail or the callback path of an SMS. */
export const nameIn = (text: string): string => /[0-9a-f-]{36}\.[0-9a-f-]{36}/.exec(text)?.[0] ?? '';

export class ProviderWorld {
  readonly service: TestService;
  readonly mail: MailServer;
  readonly messages: MessagesServer;

  private constructor(service: TestService, mail: MailServer, messages: MessagesServer) {
    this.service = service;
    this.mail = mail;
    this.messages = messages;
  }

  static async begin(options: TestServiceOptions = {}): Promise<ProviderWorld> {
    const [mail, messages] = await Promise.all([MailServer.start(), MessagesServer.start()]);
    const env = { ...settingsOf(mail, messages), ...options.env };
    return new ProviderWorld(await startService({ ...options, env }), mail, messages);
  }

  /** The settings with which a command reaches the same providers. */
  get settings(): Record<string, string> {
    return settingsOf(this.mail, this.messages);
  }

  async end(): Promise<void> {
    await this.service.stop();
    await Promise.all([this.mail.stop(), this.messages.stop()]);
  }

  /** Makes a person who has spent a whole budget and is notified. */
  async reached(channels: string[] = ['in-app', 'email']): Promise<Delivered> {
    const person = await Person.arrives(this.service);
    const email = `${person.userId}@example.com`;
    const phone = `+4915${randomInt(1e8, 1e9)}`;
    await this.knows(person, { email, phone });
    await person.budget('100.00', { channels });
    await person.spend('100.00');
    const messageId = this.mailsTo(email)[0]?.headers['message-id'] ?? '';
    const callback = this.messages.taken.find(({ to }) => to === phone)?.callback ?? '';
    return { person, email, phone, messageId, sms: callback.slice(publicUrl.length) };
  }

  /** Sets facts of a person through the tenant's API. */
  async knows(person: Person, facts: object): Promise<void> {
    await this.service.put(`/api/users/${person.userId}`, facts, this.service.tenant.adminKey);
  }

  mailsTo(address: string) {
    return this.mail.mails.filter(({ to }) => to.includes(address));
  }

  /** Notifies the person again by using up another budget. */
  async tellsAgain(person: Person, channels: string[] = ['in-app', 'email']): Promise<ReceivedNotification> {
    await person.budget('1.00', { channels });
    await person.spend('1.00');
    const alert = (await person.notifications()).findLast(({ type }) => type === 'budget_alert');
    if (!alert) throw new Error('there is no alert');
    return alert;
  }

  /** Posts a signed JSON callback and waits until the service has settled. A text as body is sent as it is. */
  async json(channel: string, body: unknown, posted: Posted = {}): Promise<Answer> {
    const content = typeof body === 'string' ? body : JSON.stringify(body);
    const { secret = callbackSecret, offsetSeconds = 0, headers = {}, sign = content } = posted;
    const timestamp = nowSeconds() + offsetSeconds;
    const signed = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatureOf('msg_1', timestamp, sign, secret),
    };
    const all = { 'content-type': 'application/json', ...signed, ...headers };
    const answer = await this.#post(`/api/providers/${channel}/callbacks`, content, all);
    await this.service.settled();
    return answer;
  }

  /** Posts a callback as Twilio does and waits. `signed` is the content signed, if that differs from the post. */
  async form(path: string, fields: Record<string, string>, signed: Signed = {}): Promise<Answer> {
    const answer = await this.formAtOnce(path, fields, signed);
    await this.service.settled();
    return answer;
  }

  formAtOnce(path: string, fields: Record<string, string>, signed: Signed = {}): Promise<Answer> {
    const all = { To: '+4915112345678', MessageSid: 'SM1', ...fields };
    const text = Object.entries({ ...all, ...signed.fields })
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .reduce((before, [name, value]) => before + name + value, publicUrl + (signed.path ?? path));
    const signature = createHmac('sha1', signed.token ?? password)
      .update(text)
      .digest('base64');
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature };
    return this.#post(path, new URLSearchParams(all).toString(), headers);
  }

  async #post(path: string, body: string, headers: Record<string, string>): Promise<Answer> {
    const answer = await fetch(this.service.url + path, { method: 'POST', headers, body });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json');
    return { status: answer.status, body: isJson ? JSON.parse(text) : text, headers: answer.headers };
  }
}

const settingsOf = (mail: MailServer, messages: MessagesServer): Record<string, string> => ({
  SMTP_URL: mail.url,
  MAIL_FROM: 'Spendwatch <alerts@example.com>',
  SMS_URL: messages.url,
  SMS_FROM: messages.config.from,
  SMS_TOKEN: messages.config.token,
  PUBLIC_URL: publicUrl,
  CALLBACK_SECRET: callbackSecret,
});
