/** A mail server, an SMS provider and a push service, with the settings that name them. */
import { MessagesServer } from './messages-server.ts';
import { PushServer, vapid } from './push-server.ts';
import { MailServer } from './smtp-server.ts';

export class ChannelServers {
  readonly mail: MailServer;
  readonly sms: MessagesServer;
  readonly push: PushServer;

  private constructor(mail: MailServer, sms: MessagesServer, push: PushServer) {
    this.mail = mail;
    this.sms = sms;
    this.push = push;
  }

  static async start(): Promise<ChannelServers> {
    const starting = [MailServer.start(), MessagesServer.start(), PushServer.start()] as const;
    return new ChannelServers(...(await Promise.all(starting)));
  }

  get settings(): Record<string, string> {
    const { mail, sms, push } = this;
    return {
      PUBLIC_URL: 'https://spendwatch.example',
      SMTP_URL: mail.url,
      MAIL_FROM: 'Spendwatch <alerts@spendwatch.example>',
      SMS_URL: sms.url,
      SMS_FROM: sms.config.from,
      SMS_TOKEN: sms.config.token,
      VAPID_PUBLIC_KEY: vapid.publicKey,
      VAPID_PRIVATE_KEY: vapid.privateKey,
      VAPID_SUBJECT: vapid.subject,
      PUSH_HOSTS: push.host,
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.mail.stop(), this.sms.stop(), this.push.stop()]);
  }
}
