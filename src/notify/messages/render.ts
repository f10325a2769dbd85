/** Renders the message of each channel. */
import { localDay } from '../../values/period.ts';
import { type Message, type NotificationContent, shownOn } from '../decide/content.ts';
import type { MessageRecipient } from '../decide/policy.ts';
import { type Links, linksFrom, noLinks } from './links.ts';
import { inAppMessage } from './in-app.ts';
import { mailLinks } from './mail-links.ts';
import { mailMessage } from './mail-message.ts';
import { pushMessage } from './push-message.ts';
import { senderName } from './sender.ts';
import { smsText } from './sms-text.ts';
import { mailHtml } from './mail-html.ts';
import { mailText } from './mail-text.ts';
import type { Reader } from '../../values/display.ts';
import type { Channel } from '../../values/channels.ts';

/** What surrounds a content: the name that it comes from, and links. */
export type Envelope = { sender: string; links: Links };

/** Throws `RangeError` for an unknown currency. */
export function renderMessage(
  content: NotificationContent,
  channel: Channel,
  reader: Reader,
  envelope: Envelope,
): Message {
  if (channel === 'in-app') return inAppMessage(content, reader);
  const { page, unsubscribe } = envelope.links;
  return {
    ...contentOf(content, channel, reader, envelope),
    sender: envelope.sender,
    ...(page === null ? {} : { url: page }),
    ...(unsubscribe === null ? {} : { unsubscribeUrl: unsubscribe.url }),
  };
}

function contentOf(
  content: NotificationContent,
  channel: Exclude<Channel, 'in-app'>,
  reader: Reader,
  { sender, links }: Envelope,
): Message {
  switch (channel) {
    case 'push':
      return pushMessage(content, reader, sender);
    case 'sms':
      return {
        title: inAppMessage(content, reader).title,
        text: smsText(content, reader, sender, links.page),
      };
    case 'email': {
      const mail = mailMessage(content, reader);
      const linked = mailLinks(links, reader);
      return {
        title: mail.subject,
        text: mailText(mail, linked, reader),
        html: mailHtml(mail, sender, linked, reader),
      };
    }
  }
}

/**
 * Renders the part of a notification's content that a channel shows, in the recipient's language and as of their local
 * day. `linkUrl`: the address that links begin with, or null.
 */
export function createRenderer(linkUrl: string | null) {
  const links = linksFrom(linkUrl);
  return (
    { id, content }: { id: string; content: NotificationContent },
    channel: Channel,
    recipient: MessageRecipient,
    now: Temporal.Instant,
  ): Message => {
    const shown = channel === 'in-app' ? content : shownOn(content, channel);
    const reader = { locale: recipient.locale, today: localDay(now, recipient.timeZone) };
    return renderMessage(shown, channel, reader, {
      sender: senderName(recipient.tenantName),
      links: channel === 'in-app' ? noLinks : links(recipient, id, shown, channel),
    });
  };
}
