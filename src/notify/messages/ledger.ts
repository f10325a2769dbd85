/**
 * Writes the ledger of a person's day: each expense that mattered, each level reached, each decision, each notification and
 * each delivery, in the order in which they happened, with a sentence for every one. Pure.
 */
import type { DayDecision, DecidedExpense } from '../../alerts/decide/recorded-decision.ts';
import { levelSentence, reasonSentence, whyDecided } from '../../alerts/messages/decision.ts';
import { say } from '../../values/catalogue/catalogue.ts';
import type { Channel } from '../../values/channels.ts';
import { type InZone, moneyIn, timeIn } from '../../values/display.ts';
import { isolatedName, onOneLine } from '../../values/display-name.ts';
import type { Basis } from '../../values/severity.ts';
import type { TimeSpan } from '../../values/period.ts';
import type { LedgerDelivery, LedgerNotification } from '../decide/notice.ts';
import { wayOf, whyTextOf } from './why.ts';

/** The kinds in the order of cause and effect, in which those of one instant stand. */
export const ledgerKinds = ['expense', 'level', 'decision', 'notification', 'delivery'] as const;
type LedgerKind = (typeof ledgerKinds)[number];

/** `outcome`: of a decision; the status of a notification or delivery. */
export type LedgerEntry = {
  at: Temporal.Instant;
  kind: LedgerKind;
  why: string;
  expenseId?: string;
  ruleId?: string;
  level?: number;
  basis?: Basis;
  outcome?: string;
  notificationId?: string;
  channel?: Channel;
  amountMinor?: bigint;
  currency?: string;
};

type Day = { decisions: readonly DayDecision[]; notifications: readonly LedgerNotification[] };

/** `span`: the local day. `decisions` are in the order of their times. */
export function writeLedger({ decisions, notifications }: Day, span: TimeSpan): LedgerEntry[] {
  const entries = [
    ...expensesOf(decisions, span),
    ...decisions.flatMap(decisionEntries),
    ...notifications.map(notificationEntry),
    ...notifications.flatMap(deliveryEntries),
  ];
  return entries.filter(({ at }) => isIn(span, at)).toSorted(byTimeAndCause);
}

const isIn = ({ since, until }: TimeSpan, at: Temporal.Instant): boolean =>
  Temporal.Instant.compare(since, at) <= 0 && Temporal.Instant.compare(at, until) < 0;

/** A level stays before its decision, though other decisions of that instant follow. */
const steps: Readonly<Record<LedgerKind, number>> = {
  expense: 0,
  level: 1,
  decision: 1,
  notification: 2,
  delivery: 3,
};

const byTimeAndCause = (one: LedgerEntry, other: LedgerEntry): number =>
  Temporal.Instant.compare(one.at, other.at) || steps[one.kind] - steps[other.kind];

/** Each expense once, where it first mattered. */
function expensesOf(decisions: readonly DayDecision[], span: TimeSpan): LedgerEntry[] {
  const first = new Map<string, DayDecision>();
  for (const decision of decisions)
    if (decision.expenseId !== null && !first.has(decision.expenseId))
      first.set(decision.expenseId, decision);
  return [...first].map(([expenseId, decision]) => expenseEntry(expenseId, decision, span));
}

/** An expense stands where it was spent. One of another day, or dated ahead, stands at the decision that it caused. */
function expenseEntry(expenseId: string, decision: DayDecision, { since }: TimeSpan): LedgerEntry {
  const { expense, at } = decision;
  const why = expenseSentence(expense, decision);
  if (!expense) return { at, kind: 'expense', why, expenseId };
  const { spentAt, amountMinor, currency } = expense;
  const isEarlier = isIn({ since, until: at }, spentAt);
  return { at: isEarlier ? spentAt : at, kind: 'expense', why, expenseId, amountMinor, currency };
}

const whoOf = (expense: DecidedExpense | null, merchant: string): 'nobody' | 'merchant' | 'category' => {
  if (expense === null) return 'nobody';
  return merchant === '' ? 'category' : 'merchant';
};

function expenseSentence(expense: DecidedExpense | null, reader: InZone): string {
  const merchant = onOneLine(expense?.merchant ?? '');
  const amount = expense?.amountMinor ?? 0n;
  const isRefund = amount < 0n;
  return say(reader, 'why.expense', {
    who: whoOf(expense, merchant),
    kind: isRefund ? 'refund' : 'expense',
    name: isolatedName(merchant === '' ? (expense?.category ?? '') : merchant),
    amount: expense ? moneyIn(reader, isRefund ? -amount : amount, expense.currency) : '',
    at: expense ? timeIn(reader.locale, expense.spentAt, reader.timeZone) : '',
  });
}

/** A level is reached once; later decisions about the same opening, as after a cooldown, are decisions alone. */
function decisionEntries(decision: DayDecision): LedgerEntry[] {
  const { at, ruleId, level, basis, outcome, expenseId, notificationId } = decision;
  const about = {
    at,
    ruleId,
    ...(level === null ? {} : { level, basis }),
    ...(expenseId === null ? {} : { expenseId }),
  };
  const decided = { ...about, outcome, ...(notificationId === null ? {} : { notificationId }) };
  return isReached(decision)
    ? [
        { ...about, kind: 'level', why: levelSentence(decision) },
        { ...decided, kind: 'decision', why: reasonSentence(decision) },
      ]
    : [{ ...decided, kind: 'decision', why: whyDecided(decision) }];
}

const closing: readonly (DayDecision['outcome'] | null)[] = ['resolved', 'rule_changed'];

const isReached = ({ level, outcome, before }: DayDecision): boolean =>
  level !== null && !closing.includes(outcome) && (before === null || closing.includes(before));

function notificationEntry(notification: LedgerNotification): LedgerEntry {
  const { createdAt, status } = notification;
  return {
    at: createdAt,
    kind: 'notification',
    ...aboutOf(notification),
    outcome: status,
    why: whyTextOf(notification),
  };
}

const aboutOf = ({ id, ruleId, level }: LedgerNotification) => ({
  notificationId: id,
  ...(ruleId === null ? {} : { ruleId }),
  ...(level === null ? {} : { level }),
});

const deliveryEntries = (notification: LedgerNotification): LedgerEntry[] =>
  notification.deliveries.map((delivery) => ({
    at: delivery.sentAt ?? delivery.changedAt,
    kind: 'delivery',
    ...aboutOf(notification),
    channel: delivery.channel,
    outcome: delivery.status,
    why: deliverySentence(notification, delivery),
  }));

/** Only a silent notification has waited before it was sent. */
function deliverySentence(notification: LedgerNotification, delivery: LedgerDelivery): string {
  const { title, isSilent, createdAt, locale, timeZone } = notification;
  const given = { title, way: wayOf(delivery, notification) };
  return isSilent && delivery.channel !== 'in-app' && delivery.sentAt
    ? say(notification, 'why.waited', { ...given, at: timeIn(locale, createdAt, timeZone) })
    : say(notification, 'why.delivery', given);
}
