/** Renders a mail as plain text, for programs without HTML and for reading aloud. */
import { say } from '../../values/catalogue/catalogue.ts';
import type { InLocale } from '../../values/display.ts';
import type { MailLink } from './mail-links.ts';
import type { MailItem, MailMessage } from './mail-message.ts';
import type { MailSection } from './mail-summary.ts';

export function mailText(mail: MailMessage, links: MailLink[], reader: InLocale): string {
  const { heading, paragraph, action, figures, items, note } = mail;
  const parts = [
    heading && `${heading}.`,
    paragraph,
    action && say(reader, 'text.labelled', { label: action.label, text: action.url }),
    figures && `${figures.total}. ${figures.details}`,
    ...(figures?.sections ?? []).map(sectionText),
    ...items.map(itemText),
    note,
    footer(mail, links, reader),
  ];
  return `${parts.filter((part) => part).join('\n\n')}\n`;
}

const sectionText = ({ heading, rows, rest }: MailSection): string =>
  [`${heading}:`, ...rows.map(({ name, value }) => `${name}: ${value}`), rest]
    .filter((line) => line)
    .join('\n');

const itemText = ({ sentence, tipped, carried, share, mark }: MailItem): string =>
  [sentence, tipped, carried, share, mark].filter((line) => line !== null).join('\n');

/** Starts with `-- `, which mail programs read as the start of a signature. */
function footer({ why }: MailMessage, links: MailLink[], reader: InLocale): string | null {
  const lines = [why, ...links.map(({ label, url }) => say(reader, 'text.labelled', { label, text: url }))];
  const shown = lines.filter((line) => line !== null);
  return shown.length === 0 ? null : ['-- ', ...shown].join('\n');
}
