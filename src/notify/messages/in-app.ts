/** Renders the in-app message, which has room for the whole content. */
import { say } from '../../values/catalogue/catalogue.ts';
import { onOneLine } from '../../values/display-name.ts';
import { anomaliesIn, type NotificationContent } from '../decide/content.ts';
import { anomalyMessage } from '../../insight/messages/anomaly-message.ts';
import { alertPhrases, wholeMessage } from '../../alerts/messages/alert-message.ts';
import { together } from './list.ts';
import { type RollUp, shownOf, titleOfRollUp } from './roll-up.ts';
import { summaryOf, textOfSummary, titleOfSummary } from './summary.ts';
import type { Reader } from '../../values/display.ts';

export function inAppMessage(content: NotificationContent, reader: Reader): { title: string; text: string } {
  switch (content.type) {
    case 'budget_alert':
    case 'recovery':
    case 'forecast': {
      const phrases = alertPhrases(content, reader);
      return { title: phrases.title, text: wholeMessage(phrases, reader) };
    }
    case 'anomaly':
      return anomalyMessage(content, reader);
    case 'roll_up':
    case 'daily_summary':
    case 'weekly_summary':
      return rollUpMessage(content, reader);
    case 'address_bounced':
      return bounceMessage(content, reader);
  }
}

function rollUpMessage(content: RollUp, reader: Reader) {
  const shown = shownOf(content.alerts);
  const summary = summaryOf(content);
  if (summary)
    return { title: titleOfSummary(summary, shown, reader), text: textOfSummary(summary, shown, reader) };
  const text = together(
    [
      ...shown.map((alert) => wholeMessage(alertPhrases(alert, reader), reader)),
      ...anomaliesIn(content).map((anomaly) => anomalyMessage(anomaly, reader).text),
    ],
    reader,
  );
  return { title: titleOfRollUp(content, shown, reader), text: text || say(reader, 'rollUp.nothing') };
}

function bounceMessage(
  { channel, address }: Extract<NotificationContent, { type: 'address_bounced' }>,
  reader: Reader,
) {
  const shown = onOneLine(address);
  return channel === 'email'
    ? { title: say(reader, 'bounce.emailTitle'), text: say(reader, 'bounce.email', { address: shown }) }
    : { title: say(reader, 'bounce.smsTitle'), text: say(reader, 'bounce.sms', { address: shown }) };
}
