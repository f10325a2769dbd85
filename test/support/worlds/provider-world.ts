/** A service with real providers behind it, who say later what became of what they took. */
import { createHmac, randomInt } from 'node:crypto';
import { MailServer } from '../servers/smtp-server.ts';
import { MessagesServer, password } from '../servers/messages-server.ts';
import { Person, type ReceivedNotification } from './person.ts';
import { type Answer, startService, type TestService, type TestServiceOptions } from '../servers/service.ts';
import { nowSeconds, signatureOf } from '../servers/webhook.ts';

const callbackSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** Stands in front of the service, and takes its own path off. */
export const publicUrl = 'https://spendwatch.example.com/front';

/** How a post differs from what the provider would send. `sign`: what is signed in place of the body. */
type Posted = { secret?: string; offsetSeconds?: number; headers?: Record<string, string>; sign?: string };
type Signed = { token?: string; path?: string; fields?: Record<string, string> };

/** Someone who was told of a budget. `messageId`: of their mail; `sms`: the path that the SMS’s provider was given. */
export type Delivered = { person: Person; email: string; phone: string; messageId: string; sms: string };

/** `<tenant>.<delivery>`, out of a mail's Message-ID or an SMS's path. */
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

  /** Those that a command needs to reach the same providers. */
  get settings(): Record<string, string> {
    return settingsOf(this.mail, this.messages);
  }

  async end(): Promise<void> {
    await this.service.stop();
    await Promise.all([this.mail.stop(), this.messages.stop()]);
  }

  /** Has spent all of a budget, and was told so. */
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

  /** As the service of the person's tenant says it. */
  async knows(person: Person, facts: object): Promise<void> {
    await this.service.put(`/api/users/${person.userId}`, facts, this.service.tenant.adminKey);
  }

  mailsTo(address: string) {
    return this.mail.mails.filter(({ to }) => to.includes(address));
  }

  /** Another budget of theirs is used up. */
  async tellsAgain(person: Person, channels: string[] = ['in-app', 'email']): Promise<ReceivedNotification> {
    await person.budget('1.00', { channels });
    await person.spend('1.00');
    const told = (await person.notifications()).findLast(({ type }) => type === 'budget_alert');
    if (!told) throw new Error('nothing was told');
    return told;
  }

  /** And what follows has happened. `body`: a text goes as it is. */
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

  /** As Twilio posts to `path`, and what follows has happened. `signed`: what is signed, where that is not what is sent. */
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
    return { status: answer.status, body: text === '' ? '' : JSON.parse(text), headers: answer.headers };
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
