/** Renders a push message for a locked screen: a short title that begins with the sender, and one line. */
import { say } from '../../values/catalogue/catalogue.ts';
import type { NotificationContent } from '../decide/content.ts';
import { alertPhrases } from '../../alerts/messages/alert-message.ts';
import { inAppMessage } from './in-app.ts';
import { asSentence, listOf, together } from './list.ts';
import { shortened } from '../../values/display-name.ts';
import { shownOf, titleOfRollUp } from './roll-up.ts';
import { categoriesOf, summaryOf, titleOfSummary } from './summary.ts';
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import type { Reader } from '../../values/display.ts';

const nameLength = 40;
const named = 3;

/** `sender`: the tenant's name. */
export function pushMessage(
  content: NotificationContent,
  reader: Reader,
  sender: string,
): { title: string; text: string } {
  const { title, text } = untitled(content, reader);
  return { title: say(reader, 'push.title', { sender: shortened(sender, nameLength, '…'), title }), text };
}

function untitled(content: NotificationContent, reader: Reader): { title: string; text: string } {
  if ('ruleId' in content) return alertMessage(content, reader);
  if (!('alerts' in content)) return inAppMessage(content, reader);
  const shown = shownOf(content.alerts).map(brief);
  const summary = summaryOf(content);
  if (summary && shown.length === 0)
    return { title: titleOfSummary(summary, [], reader), text: categoriesOf(summary.figures, reader) };
  const [only, ...others] = shown;
  if (only && others.length === 0) return alertMessage(only, reader);
  const list = listOf(
    shown.map((alert) => alertPhrases(alert, reader).gist),
    named,
    reader,
  );
  return { title: titleOfRollUp(content, shown, reader), text: list };
}

function alertMessage(facts: AlertFacts, reader: Reader): { title: string; text: string } {
  const { gist, figures, tipped, isCritical } = alertPhrases(brief(facts), reader);
  const mark = isCritical ? say(reader, 'alert.critical') : null;
  return { title: gist, text: together([asSentence([figures], reader), tipped, mark], reader) };
}

const brief = (facts: AlertFacts): AlertFacts => ({
  ...facts,
  ruleName: shortened(facts.ruleName, nameLength, '…'),
});
