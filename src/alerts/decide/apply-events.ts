/**
 * What an expense event does to an expense. The latest `(time, id)` wins whatever order events arrive in,
 * so applying the same events in any order, any number of times, ends in the same expense.
 */

export type ExpenseEvent = {
  tenantId: string;
  source: string;
  id: string;
  time: Temporal.Instant;
  expenseId: string;
  /** Null for `expense.deleted`. */
  expense: ExpenseFacts | null;
};

export type ExpenseFacts = {
  userId: string;
  categoryId: string;
  merchant: string | null;
  description: string | null;
  amountMinor: bigint;
  currency: string;
  spentAt: Temporal.Instant;
};

/** The state of an expense: the winning event's, with the local day it was put into. */
export type Expense = {
  tenantId: string;
  id: string;
  eventTime: Temporal.Instant;
  eventId: string;
  eventSource: string;
  /** Null: deleted; the row stays as a tombstone that later arrivals are compared with. */
  facts: (ExpenseFacts & { day: string }) | null;
};

/** Whether the event is later than the one the expense stands at: by time, then id, then source. */
export function overtakes(event: ExpenseEvent, expense: Expense | undefined): boolean {
  if (!expense) return true;
  const byTime = Temporal.Instant.compare(event.time, expense.eventTime);
  if (byTime !== 0) return byTime > 0;
  if (event.id !== expense.eventId) return event.id > expense.eventId;
  return event.source > expense.eventSource;
}

/** What one expense adds to which sums. */
export type Contribution = {
  tenantId: string;
  userId: string;
  categoryId: string;
  currency: string;
  day: string;
  amountMinor: bigint;
};

export const contributionOf = (expense: Expense | undefined): Contribution | null =>
  expense?.facts
    ? {
        tenantId: expense.tenantId,
        userId: expense.facts.userId,
        categoryId: expense.facts.categoryId,
        currency: expense.facts.currency,
        day: expense.facts.day,
        amountMinor: expense.facts.amountMinor,
      }
    : null;

/** One event's effect on the sums: what it takes away and what it adds. */
export type SpendingChange = {
  expenseId: string;
  before: Contribution | null;
  after: Contribution | null;
};

export type Applied = { expenses: Map<string, Expense>; changes: SpendingChange[] };

export const expenseKey = (tenantId: string, expenseId: string): string => `${tenantId} ${expenseId}`;

/**
 * Takes events one by one in the order given. `current` holds the expenses as stored, by `expenseKey`.
 * The answer holds only the expenses that changed, and one change per event that was not overtaken.
 */
export function applyEvents(
  events: readonly ExpenseEvent[],
  current: ReadonlyMap<string, Expense>,
  dayOf: (tenantId: string, facts: ExpenseFacts) => string,
): Applied {
  const expenses = new Map<string, Expense>();
  const changes: SpendingChange[] = [];
  for (const event of events) {
    const key = expenseKey(event.tenantId, event.expenseId);
    const standing = expenses.get(key) ?? current.get(key);
    if (!overtakes(event, standing)) continue;
    const next = toExpense(event, dayOf);
    expenses.set(key, next);
    changes.push({
      expenseId: event.expenseId,
      before: contributionOf(standing),
      after: contributionOf(next),
    });
  }
  return { expenses, changes };
}

function toExpense(event: ExpenseEvent, dayOf: (tenantId: string, facts: ExpenseFacts) => string): Expense {
  const facts = event.expense && { ...event.expense, day: dayOf(event.tenantId, event.expense) };
  return {
    tenantId: event.tenantId,
    id: event.expenseId,
    eventTime: event.time,
    eventId: event.id,
    eventSource: event.source,
    facts,
  };
}
