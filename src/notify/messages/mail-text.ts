/** Renders a mail as plain text, for programs without HTML and for reading aloud. */
import type { Links } from '../decide/content.ts';
import type { MailItem, MailMessage } from './mail-message.ts';
import type { MailSection } from './mail-summary.ts';

export function mailText(mail: MailMessage, links: Links): string {
  const { heading, paragraph, action, figures, items, note } = mail;
  const parts = [
    heading && `${heading}.`,
    paragraph,
    action && `${action.label}: ${action.url}`,
    figures && `${figures.total}. ${figures.details}`,
    ...(figures?.sections ?? []).map(sectionText),
    ...items.map(itemText),
    note,
    footer(mail, links),
  ];
  return `${parts.filter((part) => part).join('\n\n')}\n`;
}

const sectionText = ({ heading, rows, rest }: MailSection): string =>
  [`${heading}:`, ...rows.map(({ name, value }) => `${name}: ${value}`), rest]
    .filter((line) => line)
    .join('\n');

const itemText = ({ summary, share, mark }: MailItem): string =>
  [summary, share, mark && `${mark}.`].filter((line) => line).join('\n');

/** Starts with `-- `, which mail programs read as the start of a signature. */
function footer({ why }: MailMessage, { page, unsubscribe }: Links): string | null {
  const lines = [why, page && `Your settings: ${page}`, unsubscribe && `Stop these mails: ${unsubscribe}`];
  const shown = lines.filter((line) => line);
  return shown.length === 0 ? null : ['-- ', ...shown].join('\n');
}
