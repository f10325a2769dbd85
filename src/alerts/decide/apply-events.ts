/**
 * Applies expense events to expenses. The latest event wins, whatever order they arrive in: by `time`, then by type, then
 * by `sequence`, then by the place in the inbox. An event that comes again changes nothing.
 */
import { compareCodePoints } from '../../values/code-points.ts';

/** At the same time a later type wins. */
export const eventTypes = ['expense.created', 'expense.updated', 'expense.deleted'] as const;
export type EventType = (typeof eventTypes)[number];

/** The sender's name for an event; unique within the tenant. */
export type EventRef = { source: string; id: string };

export type ExpenseEvent = EventRef & {
  tenantId: string;
  type: EventType;
  time: Temporal.Instant;
  /** Orders events of the same time and type, as text by code points. One without is below every one with. */
  sequence: string | null;
  expenseId: string;
  /** Null for `expense.deleted`. */
  expense: ExpenseFacts | null;
};

/** `number`: its place in the inbox, drawn when it was stored. The same for every process, and higher if received later. */
export type StoredEvent = ExpenseEvent & { number: bigint };

export type ExpenseFacts = {
  userId: string;
  categoryId: string;
  merchant: string | null;
  description: string | null;
  amountMinor: bigint;
  currency: string;
  spentAt: Temporal.Instant;
};

/** An expense as its winning event describes it, with the local day that it counts in. */
export type Expense = {
  tenantId: string;
  id: string;
  /** The winning event. */
  event: EventRef & Pick<StoredEvent, 'type' | 'time' | 'sequence' | 'number'>;
  /** The last other events of the same time, at most `maxTied`. */
  tied: readonly EventRef[];
  /** Null: deleted. The row stays as a tombstone, and events that arrive later are compared with it. */
  facts: (ExpenseFacts & { day: string }) | null;
};

/** With the winning event 16 are known, of however many at one time. */
const maxTied = 15;

/** True if the event is later than the expense's winning event. */
function overtakes(event: StoredEvent, expense: Expense | undefined): boolean {
  if (!expense) return true;
  const { event: winner } = expense;
  const difference =
    Temporal.Instant.compare(event.time, winner.time) ||
    eventTypes.indexOf(event.type) - eventTypes.indexOf(winner.type) ||
    compareSequences(event.sequence, winner.sequence);
  return difference === 0 ? event.number > winner.number : difference > 0;
}

function compareSequences(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compareCodePoints(a, b);
}

/** True if the event has the time of the expense. */
const ties = (event: StoredEvent, { event: winner }: Expense): boolean =>
  Temporal.Instant.compare(event.time, winner.time) === 0;

const isSame = (a: EventRef, b: EventRef): boolean => a.id === b.id && a.source === b.source;

/** True if the event is one of the last that the expense had at its time. The inbox forgets ids after 90 days. */
const isRepeat = (event: StoredEvent, expense: Expense): boolean =>
  ties(event, expense) && [expense.event, ...expense.tied].some((known) => isSame(known, event));

/** The amount that an expense adds to sums, and the keys of those sums. */
export type Contribution = {
  tenantId: string;
  userId: string;
  categoryId: string;
  merchant: string | null;
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
        merchant: expense.facts.merchant,
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

/** `event` took the place of `replaced`, by which another sender had described the expense. */
export type Replacement = { tenantId: string; event: EventRef; replaced: EventRef };

export type Applied = {
  expenses: Map<string, Expense>;
  changes: SpendingChange[];
  replacements: Replacement[];
};

export const expenseKey = (tenantId: string, expenseId: string): string => `${tenantId} ${expenseId}`;

/**
 * Applies events one by one in the order given. `current` holds the stored expenses by `expenseKey`. The result has
 * only the expenses that changed, one change for each event that was not overtaken, and the replacements among these.
 */
export function applyEvents(
  events: readonly StoredEvent[],
  current: ReadonlyMap<string, Expense>,
  dayOf: (tenantId: string, facts: ExpenseFacts) => string,
): Applied {
  const expenses = new Map<string, Expense>();
  const changes: SpendingChange[] = [];
  const replacements: Replacement[] = [];
  for (const event of events) {
    const key = expenseKey(event.tenantId, event.expenseId);
    const previous = expenses.get(key) ?? current.get(key);
    if (previous && isRepeat(event, previous)) continue;
    if (previous && !overtakes(event, previous)) {
      if (ties(event, previous)) expenses.set(key, { ...previous, tied: withTied(previous.tied, event) });
      continue;
    }
    const next = toExpense(event, previous, dayOf);
    expenses.set(key, next);
    if (previous?.facts && previous.event.source !== event.source)
      replacements.push({ tenantId: event.tenantId, event, replaced: previous.event });
    changes.push({
      expenseId: event.expenseId,
      before: contributionOf(previous),
      after: contributionOf(next),
    });
  }
  return { expenses, changes, replacements };
}

function toExpense(
  event: StoredEvent,
  previous: Expense | undefined,
  dayOf: (tenantId: string, facts: ExpenseFacts) => string,
): Expense {
  const { tenantId, source, id, type, time, sequence, number } = event;
  return {
    tenantId,
    id: event.expenseId,
    event: { source, id, type, time, sequence, number },
    tied: previous && ties(event, previous) ? withTied(previous.tied, previous.event) : [],
    facts: event.expense && { ...event.expense, day: dayOf(tenantId, event.expense) },
  };
}

const withTied = (tied: readonly EventRef[], { source, id }: EventRef): EventRef[] =>
  [...tied, { source, id }].slice(-maxTied);
