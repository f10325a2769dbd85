/**
 * Applies expense events to expenses. The event with the latest `(time, id, source)` wins in any order of arrival.
 * The same events, applied in any order and any number of times, give the same expense.
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

/** An expense as the winning event describes it, with the local day that it counts in. */
export type Expense = {
  tenantId: string;
  id: string;
  eventTime: Temporal.Instant;
  eventId: string;
  eventSource: string;
  /** Null: deleted. The row stays as a tombstone, and events that arrive later are compared with it. */
  facts: (ExpenseFacts & { day: string }) | null;
};

/** True if the event is later than the expense's winning event: by time, then id, then source. */
export function overtakes(event: ExpenseEvent, expense: Expense | undefined): boolean {
  if (!expense) return true;
  const byTime = Temporal.Instant.compare(event.time, expense.eventTime);
  if (byTime !== 0) return byTime > 0;
  if (event.id !== expense.eventId) return event.id > expense.eventId;
  return event.source > expense.eventSource;
}

/** The amount that an expense adds to sums, and the keys of those sums. */
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

/** The effect of one event on sums: `before` is subtracted and `after` is added. */
export type SpendingChange = {
  expenseId: string;
  before: Contribution | null;
  after: Contribution | null;
};

export type Applied = { expenses: Map<string, Expense>; changes: SpendingChange[] };

export const expenseKey = (tenantId: string, expenseId: string): string => `${tenantId} ${expenseId}`;

/**
 * Applies events one by one in the order given. `current` holds the stored expenses by `expenseKey`. The result has
 * only the expenses that changed, and one change for each event that was not overtaken.
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
    const previous = expenses.get(key) ?? current.get(key);
    if (!overtakes(event, previous)) continue;
    const next = toExpense(event, dayOf);
    expenses.set(key, next);
    changes.push({
      expenseId: event.expenseId,
      before: contributionOf(previous),
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
