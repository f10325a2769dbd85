/** Applies events: writes expenses, daily totals, rule spending, alerts and decisions, and marks profiles as stale. */
import { applyEvents, type Expense, type ExpenseEvent, expenseKey } from '../decide/apply-events.ts';
import { localDay } from '../../values/period.ts';
import {
  conversionsOf,
  type Convert,
  dailyDeltas,
  touchedPeriods,
  type Watched,
} from '../decide/spending.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { lockExpenses } from './lock-expenses.ts';
import { lockedPerson, lockPeople } from '../../accounts/people.ts';
import { markStaleProfiles } from './mark-stale-profiles.ts';
import { readRates } from '../spending/read-rates.ts';
import { readActiveRules } from '../rules/read-active-rules.ts';
import { registerCategories } from './register-categories.ts';
import { type PeriodWork, evaluateRulePeriods } from './evaluate-rule-periods.ts';
import { writeDailySpend } from './write-daily-spend.ts';
import type { Evaluated } from './write-evaluations.ts';
import { writeExpenses } from './write-expenses.ts';
import { personKey, type PersonRef, type ProfileRef } from '../../values/refs.ts';

/** `profiles`: profiles of the people concerned that these events made stale. */
export type EvaluatedEvents = Evaluated & { profiles: ProfileRef[] };

/**
 * Applies the events one by one in the order given. The caller has claimed their batches: it holds the lock on their
 * tenants' exchange rates and has locked their people, then expenses are locked. A person's lock covers all other
 * rows of that person. Only the owner of an expense that is created twice, for two people, is locked out of order.
 */
export async function evaluateEvents(
  sql: Sql,
  events: readonly ExpenseEvent[],
  now: Temporal.Instant,
): Promise<EvaluatedEvents> {
  if (events.length === 0) return { notifications: [], outcomes: [], profiles: [] };
  const current = await lockExpenses(sql, events);
  const people = await lockPeople(sql, peopleOf(events, current));
  const zoneOf = (tenantId: string, userId: string): string =>
    lockedPerson(people, { tenantId, userId }).timeZone;
  await registerCategories(sql, events);
  const { expenses, changes } = applyEvents(events, current, (tenantId, facts) =>
    localDay(facts.spentAt, zoneOf(tenantId, facts.userId)),
  );
  const rules = await readActiveRules(sql, [...people.values()]);
  const watchedOf = (tenantId: string, userId: string): Watched => ({
    timeZone: zoneOf(tenantId, userId),
    rules: rules.get(personKey({ tenantId, userId })) ?? [],
  });
  const rates = await readRates(sql, conversionsOf(changes, watchedOf));
  const convert: Convert = (part, currency) => rates(part.tenantId).convert(part, currency);
  const touched = touchedPeriods(changes, watchedOf, convert, now);
  const works = touched.map((at): PeriodWork => ({
    ...at,
    cause: 'spending',
    person: lockedPerson(people, at.rule),
  }));
  const evaluated = await evaluateRulePeriods(sql, works, now);
  await writeExpenses(sql, [...expenses.values()], ({ tenantId, id }) =>
    current.has(expenseKey(tenantId, id)),
  );
  await writeDailySpend(sql, dailyDeltas(changes));
  return { ...evaluated, profiles: await markStaleProfiles(sql, [...people.values()], now) };
}

/** The people to whom the expenses belonged before the events, and those to whom they belong now. */
function peopleOf(events: readonly ExpenseEvent[], current: ReadonlyMap<string, Expense>): PersonRef[] {
  const before = [...current.values()].map(({ tenantId, facts }) => ({ tenantId, userId: facts?.userId }));
  const after = events.map(({ tenantId, expense }) => ({ tenantId, userId: expense?.userId }));
  const people = [...before, ...after].flatMap(({ tenantId, userId }) =>
    userId === undefined ? [] : [{ tenantId, userId }],
  );
  return [...new Map(people.map((person) => [personKey(person), person])).values()];
}
