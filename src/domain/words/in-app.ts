/** What a notification says in the app, where there is room for all of it. */
import type { Reader, Told } from '../notification.ts';
import { sentenceOf, titleOf } from './alert.ts';
import { onOneLine } from './name.ts';
import { type Several, shownOf, titleOfSeveral } from './several.ts';
import { summaryOf, textOfSummary, titleOfSummary } from './summary.ts';

export function inAppWords(told: Told, reader: Reader): { title: string; text: string } {
  switch (told.type) {
    case 'budget_alert':
    case 'recovery':
      return { title: titleOf(told, reader), text: sentenceOf(told, reader) };
    case 'roll_up':
    case 'daily_summary':
    case 'weekly_summary':
      return wordsOfSeveral(told, reader);
    case 'address_bounced':
      return wordsOfBounce(told);
  }
}

function wordsOfSeveral(told: Several, reader: Reader) {
  const shown = shownOf(told.alerts);
  const summary = summaryOf(told);
  if (summary)
    return { title: titleOfSummary(summary, shown, reader), text: textOfSummary(summary, shown, reader) };
  const text = shown.map((alert) => sentenceOf(alert, reader)).join(' ');
  return { title: titleOfSeveral(told, shown, reader), text: text || 'Nothing needs a look.' };
}

function wordsOfBounce({ channel, address }: Extract<Told, { type: 'address_bounced' }>) {
  const shown = onOneLine(address);
  return channel === 'email'
    ? {
        title: 'Please check your email address',
        text: `We could not reach you by email at ${shown}; it bounced. Check the address in your settings.`,
      }
    : {
        title: 'Please check your phone number',
        text: `We could not reach you by SMS at ${shown}; it did not arrive. Check the number in your settings.`,
      };
}
