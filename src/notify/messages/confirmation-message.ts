/**
 * Renders the message that asks a person to confirm an address. It goes to somebody who may be a stranger, so it holds
 * nothing but the tenant's name, which the operator gave, and the link.
 */
import { say } from '../../values/catalogue/catalogue.ts';
import type { AddressChannel } from '../../values/channels.ts';
import type { InLocale } from '../../values/display.ts';
import { shortened } from '../../values/display-name.ts';
import type { Message } from '../decide/content.ts';
import { mailHtml } from './mail-html.ts';
import type { MailMessage } from './mail-message.ts';
import { mailText } from './mail-text.ts';
import { senderName } from './sender.ts';
import { firstThatFits, nameLengths } from './sms-part.ts';

/** `url`: the confirmation link. `reader`: the person, or somebody who has not chosen a locale. */
export function confirmationMessage(
  channel: AddressChannel,
  tenantName: string,
  url: string,
  reader: InLocale,
): Message {
  const sender = senderName(tenantName);
  const title = say(reader, 'confirm.title', { sender });
  return channel === 'email'
    ? mailOf(sender, title, url, reader)
    : { title, text: smsText(sender, url, reader), sender };
}

function mailOf(sender: string, subject: string, url: string, reader: InLocale): Message {
  const mail: MailMessage = {
    subject,
    preheader: say(reader, 'confirm.preheader'),
    heading: say(reader, 'confirm.heading'),
    paragraph: say(reader, 'confirm.text', { sender }),
    action: { label: say(reader, 'confirm.action'), url },
    figures: null,
    items: [],
    note: say(reader, 'confirm.note'),
    why: null,
  };
  return {
    title: subject,
    text: mailText(mail, [], reader),
    html: mailHtml(mail, sender, [], reader),
    sender,
  };
}

/** Shortens the name until the text fits one part, if the link leaves room for it. */
const smsText = (sender: string, link: string, reader: InLocale): string =>
  firstThatFits(
    nameLengths(sender).map((length) =>
      say(reader, 'confirm.sms', { sender: shortened(sender, length, '...'), link }),
    ),
  );
