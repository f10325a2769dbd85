/** The parts of a mail in reading order, as text. The templates lay them out. */
import { say } from '../../values/catalogue/catalogue.ts';
import { anomaliesIn, type NotificationContent } from '../decide/content.ts';
import { anomalyMessage } from '../../insight/messages/anomaly-message.ts';
import { alertPhrases } from '../../alerts/messages/alert-message.ts';
import { periodName } from '../../alerts/messages/period-name.ts';
import { type Bar, barOfBudget } from './bar.ts';
import { inAppMessage } from './in-app.ts';
import { asSentence, listOf, together } from './list.ts';
import { plainName } from '../../values/display-name.ts';
import { type RollUp, shownOf, titleOfRollUp } from './roll-up.ts';
import { categoriesOf, type Summary, summaryOf, titleOfSummary } from './summary.ts';
import { type MailFigures, mailFigures, summaryHeading } from './mail-summary.ts';
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import { moneyIn, type Reader } from '../../values/display.ts';

const namedBesideSubject = 3;

/** `heading`: null for a mail with a single alert. `preheader`: the text that inboxes show beside the subject. */
export type MailMessage = {
  subject: string;
  preheader: string;
  heading: string | null;
  paragraph: string | null;
  /** The link that the mail is for. */
  action?: { label: string; url: string };
  /** The figures of a summary; null for other mails. */
  figures: MailFigures | null;
  items: MailItem[];
  /** The reason why the mail comes now, if that may seem odd. */
  note: string | null;
  /** The reason why this person gets the mail. */
  why: string | null;
};

/** `sentence`: the figures in one sentence, for plain text. HTML shows them large, with `news` and `share` below. */
export type MailItem = {
  name: string;
  period: string | null;
  mark: string | null;
  spent: string;
  ofBudget: string;
  sentence: string;
  news: string | null;
  share: string;
  balance: string;
  tipped: string | null;
  carried: string | null;
  bar: Bar;
};

export function mailMessage(content: NotificationContent, reader: Reader): MailMessage {
  if ('ruleId' in content) return alertMail(content, reader);
  if (content.type === 'anomaly')
    return { ...plainMail(content, reader), why: say(reader, 'mail.whyAnomaly') };
  return 'alerts' in content ? rollUpMail(content, reader) : plainMail(content, reader);
}

function alertMail(facts: AlertFacts, reader: Reader): MailMessage {
  const { title, figures, level } = alertPhrases(facts, reader);
  return {
    subject: title,
    preheader: asSentence([figures], reader),
    heading: null,
    paragraph: null,
    figures: null,
    items: [itemOf(facts, reader)],
    note: facts.phase === 'past' ? say(reader, 'alert.late', { period: periodName(facts, reader) }) : null,
    why: whyOf(facts, level, reader),
  };
}

function whyOf({ type }: AlertFacts, level: string, reader: Reader): string {
  if (type === 'recovery') return say(reader, 'mail.whyRecovery');
  return say(reader, type === 'forecast' ? 'mail.whyForecast' : 'mail.whyAlert', { level });
}

const whys = {
  roll_up: 'mail.whyAlerts',
  daily_summary: 'mail.whyDaily',
  weekly_summary: 'mail.whyWeekly',
} as const satisfies Record<RollUp['type'], string>;

function rollUpMail(content: RollUp, reader: Reader): MailMessage {
  const shown = shownOf(content.alerts);
  const summary = summaryOf(content);
  if (summary) return summaryMail(summary, shown, reader);
  const [only, second] = shown;
  const charges = anomaliesText(content, reader);
  if (!only) return { ...plainMail(content, reader), why: charges && say(reader, 'mail.whyAnomaly') };
  const note = waited(shown, reader);
  const why = say(reader, whys[content.type]);
  if (!second && charges === null) {
    const mail = alertMail(only, reader);
    return { ...mail, note: mail.note ?? note, why: content.type === 'roll_up' ? mail.why : why };
  }
  const title = titleOfRollUp(content, shown, reader);
  return {
    subject: title,
    preheader: gistsOf(shown, reader),
    heading: title,
    paragraph: charges,
    figures: null,
    items: shown.map((facts) => itemOf(facts, reader)),
    note,
    why,
  };
}

const summaryMail = (summary: Summary, shown: readonly AlertFacts[], reader: Reader): MailMessage => ({
  subject: titleOfSummary(summary, shown, reader),
  preheader: shown.length > 0 ? gistsOf(shown, reader) : categoriesOf(summary.figures, reader),
  heading: summaryHeading(summary, reader),
  paragraph: anomaliesText(summary, reader),
  figures: mailFigures(summary, shown, reader),
  items: shown.map((facts) => itemOf(facts, reader)),
  note: shown.length > 0 ? waited(shown, reader) : null,
  why: say(reader, whys[summary.type]),
});

/** Null without anomalies. */
function anomaliesText(content: NotificationContent, reader: Reader): string | null {
  const texts = anomaliesIn(content).map((anomaly) => anomalyMessage(anomaly, reader).text);
  return texts.length > 0 ? together(texts, reader) : null;
}

const waited = ({ length }: readonly AlertFacts[], reader: Reader): string =>
  length === 1 ? say(reader, 'rollUp.waitedOne') : say(reader, 'rollUp.waited');

const gistsOf = (shown: readonly AlertFacts[], reader: Reader): string =>
  listOf(
    shown.map((facts) => alertPhrases(facts, reader).gist),
    namedBesideSubject,
    reader,
  );

function plainMail(content: NotificationContent, reader: Reader): MailMessage {
  const { title, text } = inAppMessage(content, reader);
  return {
    subject: title,
    preheader: text,
    heading: title,
    paragraph: text,
    figures: null,
    items: [],
    note: null,
    why: null,
  };
}

function itemOf(facts: AlertFacts, reader: Reader): MailItem {
  const phrases = alertPhrases(facts, reader);
  const isRefunded = BigInt(facts.spentMinor) < 0n;
  const share = isRefunded ? say(reader, 'alert.refundedShare') : phrases.share;
  return {
    name: plainName(facts.ruleName),
    period: phrases.periodName,
    mark: phrases.isCritical ? say(reader, 'alert.criticalMail') : null,
    spent: moneyIn(reader, BigInt(facts.spentMinor), facts.currency),
    ofBudget: say(reader, 'alert.ofBudget', {
      budget: moneyIn(reader, BigInt(facts.budgetMinor), facts.currency),
    }),
    sentence: phrases.sentence,
    news: phrases.recovery && asSentence([phrases.recovery], reader),
    share: asSentence([share], reader),
    balance: asSentence([phrases.balance], reader),
    tipped: phrases.tipped,
    carried: phrases.carried,
    bar: barOf(facts),
  };
}

const barOf = ({ type, severity, spentMinor, budgetMinor }: AlertFacts): Bar =>
  barOfBudget(BigInt(spentMinor), BigInt(budgetMinor), type === 'recovery' ? 'calm' : severity);
