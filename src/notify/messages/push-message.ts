/** Renders a push message for a locked screen: a short title and one line. */
import type { NotificationContent } from '../decide/content.ts';
import { alertPhrases } from '../../alerts/messages/alert-message.ts';
import { inAppMessage } from './in-app.ts';
import { listOf } from './list.ts';
import { shortened } from '../../values/display-name.ts';
import { shownOf, titleOfRollUp } from './roll-up.ts';
import { categoriesOf, summaryOf, titleOfSummary } from './summary.ts';
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import type { Reader } from '../../values/display.ts';

const nameLength = 40;
const named = 3;

export function pushMessage(content: NotificationContent, reader: Reader): { title: string; text: string } {
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
  const { recovery, subject, percent, figures, mark } = alertPhrases(brief(facts), reader);
  return { title: recovery ?? `${subject}: ${percent}`, text: `${figures}.${mark ? ` ${mark}.` : ''}` };
}

const brief = (facts: AlertFacts): AlertFacts => ({
  ...facts,
  ruleName: shortened(facts.ruleName, nameLength, '…'),
});
