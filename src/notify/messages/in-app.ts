/** Renders the in-app message, which has room for the whole content. */
import type { NotificationContent } from '../decide/content.ts';
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import { alertPhrases } from '../../alerts/messages/alert-message.ts';
import { onOneLine } from '../../values/display-name.ts';
import { type RollUp, shownOf, titleOfRollUp } from './roll-up.ts';
import { summaryOf, textOfSummary, titleOfSummary } from './summary.ts';
import type { Reader } from '../../values/display.ts';

export function inAppMessage(content: NotificationContent, reader: Reader): { title: string; text: string } {
  switch (content.type) {
    case 'budget_alert':
    case 'recovery':
      return alertMessage(content, reader);
    case 'roll_up':
    case 'daily_summary':
    case 'weekly_summary':
      return rollUpMessage(content, reader);
    case 'address_bounced':
      return bounceMessage(content);
  }
}

function alertMessage(facts: AlertFacts, reader: Reader) {
  const { title, sentence } = alertPhrases(facts, reader);
  return { title, text: sentence };
}

function rollUpMessage(content: RollUp, reader: Reader) {
  const shown = shownOf(content.alerts);
  const summary = summaryOf(content);
  if (summary)
    return { title: titleOfSummary(summary, shown, reader), text: textOfSummary(summary, shown, reader) };
  const text = shown.map((alert) => alertPhrases(alert, reader).sentence).join(' ');
  return { title: titleOfRollUp(content, shown, reader), text: text || 'Nothing needs a look.' };
}

function bounceMessage({ channel, address }: Extract<NotificationContent, { type: 'address_bounced' }>) {
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
