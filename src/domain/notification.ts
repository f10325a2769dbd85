/** What a person is told: its kinds, its ends, and the words, in English. */
import { formatAmount } from './money.ts';
import type { Period, PeriodKind } from './period.ts';
import type { Severity } from './rule.ts';

export const notificationTypes = [
  'budget_alert',
  'recovery',
  'roll_up',
  'daily_summary',
  'weekly_summary',
  'recommendation',
] as const;
export type NotificationType = (typeof notificationTypes)[number];

export const notificationStatuses = [
  'pending',
  'deferred',
  'capped',
  'sent',
  'failed',
  'merged',
  'cancelled',
] as const;
export type NotificationStatus = (typeof notificationStatuses)[number];

export const deliveryStatuses = [
  'pending',
  'sending',
  'sent',
  'delivered',
  'failed',
  'bounced',
  'unknown',
  'skipped',
] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** A rendered message, as a channel sends it. */
export type Message = { title: string; text: string };

/** What the words are made of. Days are `YYYY-MM-DD`; `today` is the person's; amounts are minor units. */
export type NotificationFacts = {
  type: 'budget_alert' | 'recovery';
  ruleName: string;
  categoryId: string | null;
  periodKind: PeriodKind;
  period: Period;
  /** `past`: over, and told of a late expense; the words then name it. */
  phase: 'current' | 'past';
  today: string;
  level: number;
  severity: Severity;
  spentMinor: bigint;
  budgetMinor: bigint;
  currency: string;
};

export function wordsFor(facts: NotificationFacts): Message {
  const { type, ruleName, phase } = facts;
  const subject = phase === 'past' ? `${ruleName}, ${periodName(facts)}` : ruleName;
  const figures = figuresOf(facts);
  if (type === 'recovery') {
    const back = `${subject}${phase === 'past' ? ',' : ''} is back below ${facts.level} %`;
    return { title: back, text: `${back}: ${figures}.` };
  }
  const title = `${subject}: ${percentOf(facts)} % of the ${facts.periodKind} budget`;
  return { title, text: `${subject}: ${figures}.` };
}

/** Whole percent, rounded down, so that 100 % is never shown before it is reached. */
const percentOf = ({ spentMinor, budgetMinor }: NotificationFacts): bigint =>
  (spentMinor * 100n) / budgetMinor;

function figuresOf(facts: NotificationFacts): string {
  const spent = formatAmount(facts.spentMinor, facts.currency);
  const amounts = `${spent} of ${formatAmount(facts.budgetMinor, facts.currency)} ${facts.currency}`;
  if (facts.phase === 'past') return amounts;
  return facts.periodKind === 'daily' ? `${amounts} today` : `${amounts}, ${remaining(facts)}`;
}

/** Whole days after today: the period's end is exclusive. */
function remaining({ period, today }: NotificationFacts): string {
  const days = Temporal.PlainDate.from(today).until(period.end, { largestUnit: 'days' }).days - 1;
  if (days === 0) return 'last day';
  return `${numberWord(days)} ${days === 1 ? 'day' : 'days'} to go`;
}

const words = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

const numberWord = (number: number): string => words[number] ?? String(number);

const ordinals = ['first', 'second', 'third', 'fourth'];

function periodName({ periodKind, period }: NotificationFacts): string {
  const start = Temporal.PlainDate.from(period.start);
  switch (periodKind) {
    case 'daily':
      return longDay(start);
    case 'weekly':
      return `week of ${longDay(start)}`;
    case 'monthly':
      return `${monthName(start)} ${start.year}`;
    case 'quarterly':
      return `${ordinals[Math.floor((start.month - 1) / 3)]} quarter of ${start.year}`;
    case 'yearly':
      return String(start.year);
  }
}

const longDay = (day: Temporal.PlainDate): string => `${day.day} ${monthName(day)} ${day.year}`;

const monthName = (day: Temporal.PlainDate): string => day.toLocaleString('en', { month: 'long' });
