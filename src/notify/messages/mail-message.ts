/** The parts of a mail in reading order, as text. The templates lay them out. */
import type { NotificationContent } from '../decide/content.ts';
import { type AlertPhrases, alertPhrases } from '../../alerts/messages/alert-message.ts';
import { type Bar, barOfBudget } from './bar.ts';
import { inAppMessage } from './in-app.ts';
import { listOf } from './list.ts';
import { plainName } from '../../values/display-name.ts';
import { type RollUp, shownOf, titleOfRollUp } from './roll-up.ts';
import { categoriesOf, type Summary, summaryOf, titleOfSummary } from './summary.ts';
import { type MailFigures, mailFigures, summaryHeading } from './mail-summary.ts';
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import type { Reader } from '../../values/display.ts';

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

/** `summary`: the figures in one sentence, for plain text. `news` and `remaining` repeat parts of it, for HTML. */
export type MailItem = {
  name: string;
  period: string | null;
  mark: string | null;
  spent: string;
  budget: string;
  summary: string;
  news: string | null;
  share: string;
  remaining: string | null;
  bar: Bar;
};

export function mailMessage(content: NotificationContent, reader: Reader): MailMessage {
  if ('ruleId' in content) return alertMail(content, reader);
  return 'alerts' in content ? rollUpMail(content, reader) : plainMail(content, reader);
}

function alertMail(facts: AlertFacts, reader: Reader): MailMessage {
  const phrases = alertPhrases(facts, reader);
  const { title, figures, level, periodName } = phrases;
  return {
    subject: title,
    preheader: `${figures}.`,
    heading: null,
    paragraph: null,
    figures: null,
    items: [itemOf(facts, phrases)],
    note: facts.phase === 'past' ? `A late entry changed the total of ${periodName}.` : null,
    why:
      facts.type === 'recovery'
        ? 'You get this because you asked to hear when this budget comes down again.'
        : `You get this because you have an alert at ${level} of this budget.`,
  };
}

const keptUntilNow = 'Kept until now, so as not to disturb you.';

const whys = {
  roll_up: 'You get this because you have alerts on these budgets.',
  daily_summary: 'You get this because your daily summary is on.',
  weekly_summary: 'You get this because your weekly summary is on.',
} as const satisfies Record<RollUp['type'], string>;

function rollUpMail(content: RollUp, reader: Reader): MailMessage {
  const shown = shownOf(content.alerts);
  const summary = summaryOf(content);
  if (summary) return summaryMail(summary, shown, reader);
  const [only, second] = shown;
  if (!only) return plainMail(content, reader);
  const note = keptUntilNow;
  const why = whys[content.type];
  if (!second) {
    const mail = alertMail(only, reader);
    return { ...mail, note: mail.note ?? note, why: content.type === 'roll_up' ? mail.why : why };
  }
  const title = titleOfRollUp(content, shown, reader);
  return {
    subject: title,
    preheader: gistsOf(shown, reader),
    heading: title,
    paragraph: null,
    figures: null,
    items: shown.map((facts) => itemOf(facts, alertPhrases(facts, reader))),
    note,
    why,
  };
}

const summaryMail = (summary: Summary, shown: readonly AlertFacts[], reader: Reader): MailMessage => ({
  subject: titleOfSummary(summary, shown, reader),
  preheader: shown.length > 0 ? gistsOf(shown, reader) : categoriesOf(summary.figures, reader),
  heading: summaryHeading(summary, reader),
  paragraph: null,
  figures: mailFigures(summary, shown, reader),
  items: shown.map((facts) => itemOf(facts, alertPhrases(facts, reader))),
  note: shown.length > 0 ? keptUntilNow : null,
  why: whys[summary.type],
});

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

const itemOf = (facts: AlertFacts, phrases: AlertPhrases): MailItem => ({
  name: plainName(facts.ruleName),
  period: phrases.periodName,
  mark: phrases.mark,
  spent: phrases.spent,
  budget: phrases.budget,
  summary: phrases.sentence,
  news: facts.type === 'recovery' ? `Back below ${phrases.level}.` : null,
  share: `${shareOf(facts, phrases)}, ${phrases.balance}.`,
  remaining: asSentence(phrases.remaining),
  bar: barOf(facts),
});

const shareOf = (facts: AlertFacts, { percent }: AlertPhrases): string =>
  BigInt(facts.spentMinor) < 0n
    ? 'More came back than was spent'
    : `${percent} of the ${facts.periodKind} budget`;

const asSentence = (text: string | null): string | null =>
  text && `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const barOf = ({ type, severity, spentMinor, budgetMinor }: AlertFacts): Bar =>
  barOfBudget(BigInt(spentMinor), BigInt(budgetMinor), type === 'recovery' ? 'calm' : severity);
