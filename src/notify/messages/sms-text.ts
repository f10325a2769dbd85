/** Renders an SMS text, in one part if possible, because each part is paid for. */
import type { Links, NotificationContent } from '../decide/content.ts';
import { alertPhrases } from '../../alerts/messages/alert-message.ts';
import { inAppMessage } from './in-app.ts';
import { listOf } from './list.ts';
import { shortened } from '../../values/display-name.ts';
import { shownOf, titleOfRollUp } from './roll-up.ts';
import { asSms, firstThatFits, fitsOnePart, nameLengths } from './sms-part.ts';
import { categoriesOf, type Summary, summaryOf, titleOfSummary } from './summary.ts';
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import type { Reader } from '../../values/display.ts';

/** The longest rule name that people may choose. */
const longestName = 100;
const nameInList = 20;

export function smsText(content: NotificationContent, reader: Reader, links: Links): string {
  return withLinks(withoutLinks(content, reader), links);
}

function withoutLinks(content: NotificationContent, reader: Reader): string {
  if ('ruleId' in content) return textOf(content, reader);
  if (!('alerts' in content)) return asSms(inAppMessage(content, reader).text);
  const shown = shownOf(content.alerts);
  const [only, ...others] = shown;
  if (only && others.length === 0) return textOf(only, reader);
  const summary = summaryOf(content);
  if (summary && !only) return summaryText(summary, reader);
  const title = titleOfRollUp(content, shown, reader);
  const gists = shown.map((facts) => alertPhrases(named(facts, nameInList), reader).gist);
  return firstThatFits([
    ...gists.map((_, index) => `${title}: ${listOf(gists, gists.length - index, reader)}`),
    `${title}.`,
  ]);
}

/** Drops categories until the text fits one part. */
function summaryText(summary: Summary, reader: Reader): string {
  const title = titleOfSummary(summary, [], reader);
  const { categories } = summary.figures;
  return firstThatFits([
    ...categories.map(
      (_, index) => `${title}: ${categoriesOf(summary.figures, reader, categories.length - index)}`,
    ),
    `${title}.`,
  ]);
}

/** Shortens the rule's name before the figures. */
function textOf(facts: AlertFacts, reader: Reader): string {
  const { mark } = alertPhrases(facts, reader);
  const ending = mark ? ` ${mark}.` : '';
  return firstThatFits(
    nameLengths(longestName).map((length) => alertPhrases(named(facts, length), reader).sentence + ending),
  );
}

const named = (facts: AlertFacts, length: number): AlertFacts => ({
  ...facts,
  ruleName: shortened(facts.ruleName, length, '...'),
});

function withLinks(text: string, { page, unsubscribe }: Links): string {
  const both = [unsubscribe && `Stop: ${unsubscribe}`, page].filter((link) => link !== null);
  return both.reduce((sms, link) => (fitsOnePart(`${sms} ${link}`) ? `${sms} ${link}` : sms), text);
}
