/** A delivered message as one line: when, severity, percent, person, title. */
import { styleText } from 'node:util';
import type { FeedMessage } from '../../delivery/feed.ts';
import type { Severity } from '../../domain/rule.ts';
import { dateTime } from './live-month.ts';

const colors: Record<Severity, 'cyan' | 'yellow' | 'red' | 'magenta'> = {
  info: 'cyan',
  warning: 'yellow',
  danger: 'red',
  critical: 'magenta',
};

/** Colours only where standard output is a terminal that wants them. */
export function toldLine(
  { severity, level, title }: FeedMessage,
  person: string,
  when: { at: Temporal.Instant; timeZone: string },
): string {
  const shown = styleText(colors[severity], severity.toUpperCase().padEnd(8), { stream: process.stdout });
  const percent = level === null ? '' : `${level} %`;
  return `${dateTime(when.at, when.timeZone)}  ${shown}  ${percent.padStart(6)}  ${person.padEnd(9)}  ${title}`;
}
