/** The links at the end of a mail, with what each does. */
import { say } from '../../values/catalogue/catalogue.ts';
import type { InLocale } from '../../values/display.ts';
import type { StopSubject } from '../decide/unsubscribe.ts';
import type { Links } from './links.ts';

export type MailLink = { label: string; url: string };

const stops = {
  channel: 'mail.stopAll',
  rule: 'mail.stopRule',
  rules: 'mail.stopRules',
  daily_summary: 'mail.stopDaily',
  weekly_summary: 'mail.stopWeekly',
} as const satisfies Record<StopSubject, string>;

export const mailLinks = ({ page, unsubscribe }: Links, reader: InLocale): MailLink[] => [
  ...(page === null ? [] : [{ label: say(reader, 'mail.see'), url: page }]),
  ...(unsubscribe === null ? [] : [{ label: say(reader, stops[unsubscribe.subject]), url: unsubscribe.url }]),
];
