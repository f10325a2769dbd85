/**
 * Renders the message that asks a person to confirm an address. It goes to somebody who may be a stranger, so it holds
 * nothing but the tenant's name, which the operator gave, and the link.
 */
import type { AddressChannel } from '../../values/channels.ts';
import { onOneLine, shortened } from '../../values/display-name.ts';
import type { Message } from '../decide/content.ts';
import { mailHtml } from './mail-html.ts';
import type { MailMessage } from './mail-message.ts';
import { mailText } from './mail-text.ts';
import { firstThatFits, nameLengths } from './sms-part.ts';

/** `url`: the confirmation link. */
export function confirmationMessage(channel: AddressChannel, tenantName: string, url: string): Message {
  const name = onOneLine(tenantName);
  return channel === 'email' ? mailOf(name, url) : { title: titleOf(name), text: smsText(name, url) };
}

const titleOf = (name: string): string => `${name}: confirm your address`;

const noLinks = { page: null, unsubscribe: null };

function mailOf(name: string, url: string): Message {
  const mail: MailMessage = {
    subject: titleOf(name),
    preheader: 'Alerts about your spending come to this address once you confirm it.',
    heading: 'Confirm your address',
    paragraph: `${name} would like to send alerts about your spending to this address. They begin once you confirm it. The link works for seven days.`,
    action: { label: 'Confirm this address', url },
    figures: null,
    items: [],
    note: 'If you did not expect this, ignore it. Nothing happens then, and the address is not used.',
    why: null,
  };
  return { title: mail.subject, text: mailText(mail, noLinks), html: mailHtml(mail, noLinks) };
}

/** Shortens the name until the text fits one part, if the link leaves room for it. */
const smsText = (name: string, url: string): string =>
  firstThatFits(
    nameLengths(longestName).map(
      (length) =>
        `${shortened(name, length, '...')}: for alerts here open ${url} Ignore this and nothing happens.`,
    ),
  );

const longestName = 60;
