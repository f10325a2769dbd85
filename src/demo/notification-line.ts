/** Formats each delivered message as a line: time, severity, level, person and title. */
import { styleText } from 'node:util';
import type { FeedMessage } from '../deliver/channels/in-app/feed.ts';
import type { WaitingNotification } from '../deliver/decide/delivery.ts';
import { dateTime } from './live-month.ts';
import type { Severity } from '../values/severity.ts';

const colors: Record<Severity, 'cyan' | 'yellow' | 'red' | 'magenta'> = {
  info: 'cyan',
  warning: 'yellow',
  danger: 'red',
  critical: 'magenta',
};

/** As wide as the longest name of the made-up people. */
const nameWidth = 'Wanda Sample'.length;

export type Shown = { at: Temporal.Instant; timeZone: string };
type Label = readonly [text: string, color: Parameters<typeof styleText>[0]];

/** How spending stands to the level of a notification. Others have reached it. */
const standings: Partial<Record<FeedMessage['type'], string>> = { recovery: 'below', forecast: 'likely' };

/** Formats a notification in the app. The label is its severity, or `recovery` or `digest`. */
export function notificationLine(message: FeedMessage, person: string, shown: Shown): string {
  const { type, level, title, held } = message;
  const about = level === null ? '' : `${standings[type] ?? 'reached'} ${level} %`;
  const ending = held ? `  (${waitingText(held, shown)})` : '';
  return `${beginning(labelOf(message), about, shown)}  ${person.padEnd(nameWidth)}  ${title}${ending}`;
}

/** Formats a mail that has arrived. */
export const mailLine = (subject: string, person: string, shown: Shown): string =>
  `${beginning(['mail', 'gray'], '', shown)}  ${person.padEnd(nameWidth)}  ${subject}`;

/** Formats a level or a notification that nobody was told of. The title says why. */
export function notToldLine(
  { level, title }: { level: number | null; title: string },
  person: string,
  shown: Shown,
): string {
  const about = level === null ? '' : `reached ${level} %`;
  return `${beginning(['not told', 'gray'], about, shown)}  ${person.padEnd(nameWidth)}  ${title}`;
}

function labelOf({ type, severity }: FeedMessage): Label {
  if (type === 'recovery') return ['recovery', 'green'];
  return type.endsWith('summary') ? ['digest', 'blue'] : [severity, colors[severity]];
}

/** Says why there is no mail yet. */
export const waitingText = ({ status, until }: WaitingNotification, { timeZone }: Shown): string =>
  status === 'deferred'
    ? `no mail yet: quiet hours until ${dateTime(until, timeZone)}`
    : 'no mail yet: the day’s interruptions are used up, so it is in the next digest';

/** Uses colours only if standard output is a terminal that accepts them. */
function beginning([text, color]: Label, about: string, { at, timeZone }: Shown): string {
  const label = styleText(color, text.toUpperCase().padEnd('CRITICAL'.length), { stream: process.stdout });
  return `${dateTime(at, timeZone)}  ${label}  ${about.padEnd('reached 100 %'.length)}`;
}
