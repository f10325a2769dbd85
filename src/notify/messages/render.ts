/** What each channel sends of something told. The words are the domain's; a mail's looks are its template's. */
import type { Links, Message, NotificationContent } from '../decide/content.ts';
import { inAppMessage } from './in-app.ts';
import { mailMessage } from './mail.ts';
import { pushMessage } from './push.ts';
import { smsText } from './sms.ts';
import { mailHtml } from './email-template.ts';
import { mailText } from './email-text.ts';
import type { Reader } from '../../values/display.ts';
import type { Channel } from '../../values/channels.ts';

/** `unsubscribeUrl` is the link's own. Throws `RangeError` for a currency that is none. */
export const renderMessage = (
  told: NotificationContent,
  channel: Channel,
  reader: Reader,
  links: Links,
): Message => ({
  ...contentOf(told, channel, reader, links),
  ...(links.unsubscribe === null ? {} : { unsubscribeUrl: links.unsubscribe }),
});

function contentOf(told: NotificationContent, channel: Channel, reader: Reader, links: Links): Message {
  switch (channel) {
    case 'in-app':
      return inAppMessage(told, reader);
    case 'push':
      return pushMessage(told, reader);
    case 'sms':
      return { title: inAppMessage(told, reader).title, text: smsText(told, reader, links) };
    case 'email':
      return mailOf(told, reader, links);
  }
}

function mailOf(told: NotificationContent, reader: Reader, links: Links): Message {
  const words = mailMessage(told, reader);
  return { title: words.subject, text: mailText(words, links), html: mailHtml(words, links) };
}
