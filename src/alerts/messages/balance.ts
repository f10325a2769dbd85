/** Says what is left of a budget and how long it has to last, or by how much it is over. */
import { say } from '../../values/catalogue/catalogue.ts';
import { moneyIn, type Reader, roundMoneyIn } from '../../values/display.ts';
import type { AlertFacts } from '../decide/alert-facts.ts';
import { daysLeft, isOneDay, isOver } from './period-name.ts';

const leftOf = ({ spentMinor, budgetMinor }: AlertFacts): bigint => BigInt(budgetMinor) - BigInt(spentMinor);

/** `$12.30 over`, `$87.70 left`, `nothing left`. */
export function balance(facts: AlertFacts, reader: Reader): string {
  const left = leftOf(facts);
  if (left === 0n) return say(reader, 'alert.none');
  return left > 0n
    ? say(reader, 'alert.left', { left: moneyIn(reader, left, facts.currency) })
    : say(reader, 'alert.over', { over: moneyIn(reader, -left, facts.currency) });
}

/** The same with its days: `$87.70 left, about $9.70 a day for 9 days`, `$12.30 over, with 9 days left this month`. */
export function balanceInTime(facts: AlertFacts, reader: Reader): string {
  if (isOver(facts, reader)) return balance(facts, reader);
  const left = leftOf(facts);
  if (isOneDay(facts)) return balanceToday(left, facts, reader);
  const days = say(reader, 'period.daysLeft', { period: facts.periodKind, days: daysLeft(facts, reader) });
  if (left === 0n) return say(reader, 'alert.noneDays', { daysLeft: days });
  if (left > 0n) return leftPerDay(left, facts, days, reader);
  return say(reader, 'alert.overDays', { over: moneyIn(reader, -left, facts.currency), daysLeft: days });
}

function balanceToday(left: bigint, { currency }: AlertFacts, reader: Reader): string {
  if (left === 0n) return say(reader, 'alert.noneToday');
  return left > 0n
    ? say(reader, 'alert.leftToday', { left: moneyIn(reader, left, currency) })
    : say(reader, 'alert.overToday', { over: moneyIn(reader, -left, currency) });
}

/** `inDays`: the days that are left, in words. */
function leftPerDay(leftMinor: bigint, facts: AlertFacts, inDays: string, reader: Reader): string {
  const { currency, periodKind } = facts;
  const left = moneyIn(reader, leftMinor, currency);
  const days = daysLeft(facts, reader);
  if (days === 1) return say(reader, 'alert.leftLastDay', { period: periodKind, left });
  const perDay = leftMinor / BigInt(days);
  if (perDay === 0n) return say(reader, 'alert.leftDays', { left, daysLeft: inDays });
  return say(reader, 'alert.leftPerDay', { left, perDay: roundMoneyIn(reader, perDay, currency), days });
}
