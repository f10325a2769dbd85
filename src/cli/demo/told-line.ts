/** A delivered message as one line: when, severity, the level it is about, person, title. */
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

/** A recovery has a severity too, but is no alert. Colours only where standard output is a terminal that wants them. */
export function toldLine(
  { type, severity, level, title }: FeedMessage,
  person: string,
  when: { at: Temporal.Instant; timeZone: string },
): string {
  const isRecovery = type === 'recovery';
  const label = (isRecovery ? 'recovery' : severity).toUpperCase().padEnd('CRITICAL'.length);
  const shown = styleText(isRecovery ? 'green' : colors[severity], label, { stream: process.stdout });
  const about = level === null ? '' : `${isRecovery ? 'below' : 'reached'} ${level} %`;
  return `${dateTime(when.at, when.timeZone)}  ${shown}  ${about.padEnd('reached 100 %'.length)}  ${person.padEnd(9)}  ${title}`;
}
