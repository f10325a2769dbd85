/** What a mail says, in the order in which it is read; the template gives it its looks. */
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

/** `heading`: null where the one item speaks for itself. `preheader`: what an inbox shows beside the subject. */
export type MailMessage = {
  subject: string;
  preheader: string;
  heading: string | null;
  paragraph: string | null;
  /** Of a summary. */
  figures: MailFigures | null;
  items: MailItem[];
  /** Why it is said now, where that may be asked. */
  note: string | null;
  /** Why this person gets it. */
  why: string | null;
};

/** `summary`: the figures in one sentence, for who reads text alone. `news` and `remaining` say again what is in it. */
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

export function mailMessage(told: NotificationContent, reader: Reader): MailMessage {
  if ('ruleId' in told) return alertMail(told, reader);
  return 'alerts' in told ? wordsOfSeveral(told, reader) : plainWords(told, reader);
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

function wordsOfSeveral(told: RollUp, reader: Reader): MailMessage {
  const shown = shownOf(told.alerts);
  const summary = summaryOf(told);
  if (summary) return wordsOfSummary(summary, shown, reader);
  const [only, second] = shown;
  if (!only) return plainWords(told, reader);
  const note = keptUntilNow;
  const why = whys[told.type];
  if (!second) {
    const words = alertMail(only, reader);
    return { ...words, note: words.note ?? note, why: told.type === 'roll_up' ? words.why : why };
  }
  const title = titleOfRollUp(told, shown, reader);
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

const wordsOfSummary = (told: Summary, shown: readonly AlertFacts[], reader: Reader): MailMessage => ({
  subject: titleOfSummary(told, shown, reader),
  preheader: shown.length > 0 ? gistsOf(shown, reader) : categoriesOf(told.figures, reader),
  heading: summaryHeading(told, reader),
  paragraph: null,
  figures: mailFigures(told, shown, reader),
  items: shown.map((facts) => itemOf(facts, alertPhrases(facts, reader))),
  note: shown.length > 0 ? keptUntilNow : null,
  why: whys[told.type],
});

const gistsOf = (shown: readonly AlertFacts[], reader: Reader): string =>
  listOf(
    shown.map((facts) => alertPhrases(facts, reader).gist),
    namedBesideSubject,
    reader,
  );

function plainWords(told: NotificationContent, reader: Reader): MailMessage {
  const { title, text } = inAppMessage(told, reader);
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
