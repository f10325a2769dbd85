/** Applies events: writes expenses, daily totals, rule spending, alerts and decisions, and marks profiles as stale. */
import { applyEvents, type Expense, type StoredEvent, expenseKey } from '../decide/apply-events.ts';
import { localDay } from '../../values/period.ts';
import {
  type Convert,
  dailyDeltas,
  listConversions,
  touchPeriods,
  type Watched,
} from '../decide/spending.ts';
import { inPortions } from '../../runtime/in-portions.ts';
import { allOf } from '../../runtime/database/all-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { lockExpenses } from './lock-expenses.ts';
import { type NamedMerchant, registerMerchantNames } from '../../accounts/merchant-names.ts';
import { lockedPerson, lockPeople } from '../../accounts/people.ts';
import { markStaleProfiles } from './mark-stale-profiles.ts';
import { readRates } from '../spending/read-rates.ts';
import { readActiveRules } from '../rules/read-active-rules.ts';
import { registerCategories } from './register-categories.ts';
import { evaluateRulePeriods } from './evaluate-rule-periods.ts';
import type { PeriodWork } from './measure-work.ts';
import { writeDailySpend } from './write-daily-spend.ts';
import type { Evaluated } from './write-evaluations.ts';
import { writeExpenses } from './write-expenses.ts';
import { writeRefusals, writeReplacements } from './write-replacements.ts';
import { personKey, type PersonRef, type ProfileRef } from '../../values/refs.ts';

/**
 * `profiles`: profiles of the people concerned that these events made stale. `failed`: how many of the events were refused,
 * as they replace an expense of another person.
 */
export type EvaluatedEvents = Evaluated & { profiles: ProfileRef[]; failed: number };

/**
 * Applies the events one by one in the order given. Statements that do not need each other's answers are sent together,
 * which saves round trips. The caller has claimed their batches: it holds the lock on their
 * tenants' exchange rates and has locked their people, then expenses are locked. A person's lock covers all other
 * rows of that person. Only the owner of an expense that is created twice, for two people, is locked out of order.
 */
export async function evaluateEvents(
  sql: Sql,
  events: readonly StoredEvent[],
  now: Temporal.Instant,
): Promise<EvaluatedEvents> {
  if (events.length === 0) return { notifications: [], outcomes: [], profiles: [], failed: 0 };
  const { current, people, rules } = await readAffected(sql, events);
  const zoneOf = (tenantId: string, userId: string): string =>
    lockedPerson(people, { tenantId, userId }).timeZone;
  const { expenses, changes, replacements, refused } = applyEvents(events, current, (tenantId, facts) =>
    localDay(facts.spentAt, zoneOf(tenantId, facts.userId)),
  );
  const watchedOf = (tenantId: string, userId: string): Watched => ({
    timeZone: zoneOf(tenantId, userId),
    rules: rules.get(personKey({ tenantId, userId })) ?? [],
  });
  const rates = await readRates(sql, await inPortions(listConversions(changes, watchedOf)));
  const convert: Convert = (part, currency) => rates(part.tenantId).convert(part, currency);
  const touched = await inPortions(touchPeriods(changes, watchedOf, convert, now));
  const works = touched.map((at): PeriodWork => ({
    ...at,
    cause: 'spending',
    person: lockedPerson(people, at.rule),
    expenses,
  }));
  const evaluated = await evaluateRulePeriods(sql, works, now);
  const isKnown = ({ tenantId, id }: Expense): boolean => current.has(expenseKey(tenantId, id));
  const [profiles] = await allOf([
    markStaleProfiles(sql, [...people.values()], now),
    writeExpenses(sql, [...expenses.values()], isKnown, now),
    writeDailySpend(sql, dailyDeltas(changes)),
    writeReplacements(sql, replacements),
    writeRefusals(sql, refused),
  ]);
  return { ...evaluated, profiles, failed: refused.length };
}

/** Reads and locks what the events may change: expenses as they are, and the people they belong to, with their rules. */
async function readAffected(sql: Sql, events: readonly StoredEvent[]) {
  const named = peopleOf(events.map(({ tenantId, expense }) => ({ tenantId, facts: expense })));
  const [current, people, rules] = await allOf([
    lockExpenses(sql, events),
    lockPeople(sql, named),
    readActiveRules(sql, named),
    registerCategories(sql, events),
    registerMerchantNames(sql, merchantsOf(events)),
  ]);
  const others = peopleOf([...current.values()]).filter((owner) => !people.has(personKey(owner)));
  if (others.length === 0) return { current, people, rules };
  const owners = await lockPeople(sql, others);
  const rulesOfOwners = await readActiveRules(sql, others);
  return {
    current,
    people: new Map([...people, ...owners]),
    rules: new Map([...rules, ...rulesOfOwners]),
  };
}

/** The merchants to whose ids the events give names. */
const merchantsOf = (events: readonly StoredEvent[]): NamedMerchant[] =>
  events.flatMap(({ tenantId, expense }) =>
    expense?.merchantRef && expense.merchant !== null
      ? [{ tenantId, name: expense.merchant, ...expense.merchantRef }]
      : [],
  );

/** The people to whom expenses belong. A deleted one belongs to nobody. */
function peopleOf(expenses: readonly { tenantId: string; facts: { userId: string } | null }[]): PersonRef[] {
  const people = expenses.flatMap(({ tenantId, facts }) =>
    facts ? [{ tenantId, userId: facts.userId }] : [],
  );
  return [...new Map(people.map((person) => [personKey(person), person])).values()];
}
