/** Renders the message of each channel. */
import { localDay } from '../../values/period.ts';
import { type Links, type Message, type NotificationContent, shownOn } from '../decide/content.ts';
import type { Recipient } from '../decide/policy.ts';
import { linksFrom } from './links.ts';
import { inAppMessage } from './in-app.ts';
import { mailMessage } from './mail-message.ts';
import { pushMessage } from './push-message.ts';
import { smsText } from './sms-text.ts';
import { mailHtml } from './mail-html.ts';
import { mailText } from './mail-text.ts';
import type { Reader } from '../../values/display.ts';
import type { Channel } from '../../values/channels.ts';

/** The message's `unsubscribeUrl` is `links.unsubscribe`. Throws `RangeError` for an unknown currency. */
export const renderMessage = (
  content: NotificationContent,
  channel: Channel,
  reader: Reader,
  links: Links,
): Message => ({
  ...contentOf(content, channel, reader, links),
  ...(links.unsubscribe === null ? {} : { unsubscribeUrl: links.unsubscribe }),
});

function contentOf(content: NotificationContent, channel: Channel, reader: Reader, links: Links): Message {
  switch (channel) {
    case 'in-app':
      return inAppMessage(content, reader);
    case 'push':
      return pushMessage(content, reader);
    case 'sms':
      return { title: inAppMessage(content, reader).title, text: smsText(content, reader, links) };
    case 'email':
      return mailOf(content, reader, links);
  }
}

function mailOf(content: NotificationContent, reader: Reader, links: Links): Message {
  const mail = mailMessage(content, reader);
  return { title: mail.subject, text: mailText(mail, links), html: mailHtml(mail, links) };
}

/** Renders the part of a content that a channel shows, in the recipient's locale and as of their local day. */
export function createRenderer(publicUrl: string | null) {
  const links = linksFrom(publicUrl);
  return (
    content: NotificationContent,
    channel: Channel,
    recipient: Recipient,
    now: Temporal.Instant,
  ): Message => {
    const shown = channel === 'in-app' ? content : shownOn(content, channel);
    const reader = { locale: recipient.locale, today: localDay(now, recipient.timeZone) };
    return renderMessage(shown, channel, reader, links(recipient, channel));
  };
}
