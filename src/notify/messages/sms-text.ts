/**
 * Renders an SMS text: the sender, the news, a link to the rest, and how to stop. It takes one part if possible, because
 * each part is paid for. So it says as much as fits, and gives up the link last.
 */
import { say } from '../../values/catalogue/catalogue.ts';
import type { NotificationContent } from '../decide/content.ts';
import { alertPhrases } from '../../alerts/messages/alert-message.ts';
import { inAppMessage } from './in-app.ts';
import { listOf, together } from './list.ts';
import { shortened } from '../../values/display-name.ts';
import { shownOf, titleOfRollUp } from './roll-up.ts';
import { firstThatFits, nameLengths } from './sms-part.ts';
import { categoriesOf, type Summary, summaryOf, titleOfSummary } from './summary.ts';
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import type { Reader } from '../../values/display.ts';

const nameInList = 20;
/** The lengths to try for the sender's name. The last leaves room for a text of 70 characters. */
const senderLengths = [20, 8];

/** `sender`: the tenant's name. `link`: to the page of the notification, or null. */
export function smsText(
  content: NotificationContent,
  reader: Reader,
  sender: string,
  link: string | null,
): string {
  const plain: Reader = { ...reader, plainSigns: true };
  return firstThatFits(framed(() => textsOf(content, plain), plain, sender, link));
}

/** Every text with the link, and then without it. */
function* framed(
  texts: () => Iterable<string>,
  reader: Reader,
  sender: string,
  link: string | null,
): Generator<string> {
  for (const at of link === null ? [null] : [link, null]) {
    for (const length of senderLengths) {
      const from = shortened(sender, length, '...');
      for (const text of texts())
        yield at === null
          ? say(reader, 'sms.text', { sender: from, text })
          : say(reader, 'sms.textWithLink', { sender: from, text, link: at });
    }
  }
}

/** The texts to try, the most telling first. */
function textsOf(content: NotificationContent, reader: Reader): Iterable<string> {
  if ('ruleId' in content) return alertTexts(content, reader);
  if (!('alerts' in content)) return [inAppMessage(content, reader).text];
  const shown = shownOf(content.alerts);
  const [only, ...others] = shown;
  if (only && others.length === 0) return alertTexts(only, reader);
  const summary = summaryOf(content);
  if (summary && !only) return summaryTexts(summary, reader);
  const gists = shown.map((facts) => alertPhrases(named(facts, nameInList), reader).gist);
  return listTexts(titleOfRollUp(content, shown, reader), gists.length, reader, (most) =>
    listOf(gists, most, reader),
  );
}

const summaryTexts = (summary: Summary, reader: Reader): Iterable<string> =>
  listTexts(titleOfSummary(summary, [], reader), summary.figures.categories.length, reader, (most) =>
    categoriesOf(summary.figures, reader, most),
  );

/** The title with as many items as fit, or alone. */
function* listTexts(
  title: string,
  length: number,
  reader: Reader,
  listed: (most: number) => string,
): Generator<string> {
  for (let most = length; most > 0; most--)
    yield say(reader, 'text.labelled', { label: title, text: listed(most) });
  yield say(reader, 'list.sentence', { list: title });
}

/** The whole message, then without what tipped it, then in short, with the rule's name shorter and shorter. */
function* alertTexts(facts: AlertFacts, reader: Reader): Generator<string> {
  const phrases = alertPhrases(facts, reader);
  const mark = phrases.isCritical ? say(reader, 'alert.critical') : null;
  yield together([phrases.sentence, phrases.tipped, mark], reader);
  yield together([phrases.sentence, mark], reader);
  for (const length of nameLengths(facts.ruleName))
    yield together([alertPhrases(named(facts, length), reader).short, mark], reader);
}

const named = (facts: AlertFacts, length: number): AlertFacts => ({
  ...facts,
  ruleName: shortened(facts.ruleName, length, '...'),
});
