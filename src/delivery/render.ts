/** What each channel sends of something told. The words are the domain's; a mail's looks are its template's. */
import type { Links, Message, Reader, Told } from '../domain/notification.ts';
import type { Channel } from '../domain/rule.ts';
import { inAppWords } from '../domain/words/in-app.ts';
import { mailWords } from '../domain/words/mail.ts';
import { pushWords } from '../domain/words/push.ts';
import { smsText } from '../domain/words/sms.ts';
import { mailHtml } from './email-template.ts';
import { mailText } from './email-text.ts';

/** `unsubscribeUrl` is the link's own. Throws `RangeError` for a currency that is none. */
export const renderMessage = (told: Told, channel: Channel, reader: Reader, links: Links): Message => ({
  ...contentOf(told, channel, reader, links),
  ...(links.unsubscribe === null ? {} : { unsubscribeUrl: links.unsubscribe }),
});

function contentOf(told: Told, channel: Channel, reader: Reader, links: Links): Message {
  switch (channel) {
    case 'in-app':
      return inAppWords(told, reader);
    case 'push':
      return pushWords(told, reader);
    case 'sms':
      return { title: inAppWords(told, reader).title, text: smsText(told, reader, links) };
    case 'email':
      return mailOf(told, reader, links);
  }
}

function mailOf(told: Told, reader: Reader, links: Links): Message {
  const words = mailWords(told, reader);
  return { title: words.subject, text: mailText(words, links), html: mailHtml(words, links) };
}
