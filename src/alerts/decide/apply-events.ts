/**
 * Applies expense events to expenses. The latest event wins, whatever order they arrive in: by `time`, then by type, then
 * by `sequence`, then by the place in the inbox. An event that comes again changes nothing.
 */
import { compareCodePoints } from '../../values/code-points.ts';

/** At the same time a later type wins. */
export const eventTypes = ['expense.created', 'expense.updated', 'expense.deleted'] as const;
export type EventType = (typeof eventTypes)[number];

/** A transfer counts nowhere. The sign of the amount decides for all others. */
export const expenseKinds = ['purchase', 'refund', 'transfer', 'fee', 'cash'] as const;
export type ExpenseKind = (typeof expenseKinds)[number];

/** A pending expense counts too, but makes no benchmark. */
export const expenseStatuses = ['posted', 'pending'] as const;
export type ExpenseStatus = (typeof expenseStatuses)[number];

/** A merchant by the id that a source gives it. */
export type MerchantRef = { source: string; id: string };

/** The sender's name for an event; unique within the tenant. */
export type EventRef = { source: string; id: string };

export type ExpenseEvent = EventRef & {
  tenantId: string;
  type: EventType;
  time: Temporal.Instant;
  /** Orders events of the same time and type, as text by code points. One without is below every one with. */
  sequence: string | null;
  expenseId: string;
  /** The expense that this one takes the place of. Null for `expense.deleted`. */
  replaces: string | null;
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
  kind: ExpenseKind;
  status: ExpenseStatus;
  /** Null: the merchant is known by its name alone. */
  merchantRef: MerchantRef | null;
  /** The merchant's category by ISO 18245, 4 digits. */
  mcc: string | null;
};

/** An expense as its winning event describes it, with the local day that it counts in; null for a transfer. */
export type Expense = {
  tenantId: string;
  id: string;
  /** The winning event. */
  event: EventRef & Pick<StoredEvent, 'type' | 'time' | 'sequence' | 'number'>;
  /** The last other events of the same time, at most `maxTied`. */
  tied: readonly EventRef[];
  /** Null: deleted. The row stays as a tombstone, and events that arrive later are compared with it. */
  facts: (ExpenseFacts & { day: string | null }) | null;
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
  merchantId: string | null;
  currency: string;
  day: string;
  amountMinor: bigint;
};

/** Null for a deleted expense and for a transfer. */
export function contributionOf(expense: Expense | undefined): Contribution | null {
  if (!expense?.facts || expense.facts.day === null) return null;
  const { merchantRef, userId, categoryId, merchant, currency, day, amountMinor } = expense.facts;
  const merchantId = merchantRef?.id ?? null;
  return { tenantId: expense.tenantId, userId, categoryId, merchant, merchantId, currency, day, amountMinor };
}

/**
 * The effect of one event on sums: `before` and `replaced` are subtracted and `after` is added, in one step. `replaced` is
 * there if the expense takes the place of another one that counted.
 */
export type SpendingChange = {
  expenseId: string;
  before: Contribution | null;
  after: Contribution | null;
  replaced?: Contribution;
};

/** `event` took the place of `replaced`, by which another sender had described the expense. */
export type Replacement = { tenantId: string; event: EventRef; replaced: EventRef };

/** `refused`: events that replace an expense of another person. They change nothing. */
export type Applied = {
  expenses: Map<string, Expense>;
  changes: SpendingChange[];
  replacements: Replacement[];
  refused: StoredEvent[];
};

export const expenseKey = (tenantId: string, expenseId: string): string => `${tenantId} ${expenseId}`;

/** Expenses while events are applied to them: `current` as stored, `changed` by the events so far. */
type Ledger = { current: ReadonlyMap<string, Expense>; changed: Map<string, Expense> };

type DayOf = (tenantId: string, facts: ExpenseFacts) => string;

/** `before`: the expense as it was, if there was one. `after`: as the event leaves it. Null: the event changes nothing. */
type Step = { before: Expense | undefined; after: Expense } | null;

/**
 * Applies events one by one in the order given. `current` holds the stored expenses by `expenseKey`. The result has
 * only the expenses that changed, one change for each event that was not overtaken, and the replacements among these.
 *
 * An event that replaces an expense acts as its deletion too, at the same time and in the same step. Each of the two is
 * overtaken by itself, so that the end does not depend on the order of arrival.
 */
export function applyEvents(
  events: readonly StoredEvent[],
  current: ReadonlyMap<string, Expense>,
  dayOf: DayOf,
): Applied {
  const ledger: Ledger = { current, changed: new Map() };
  const applied: Applied = { expenses: ledger.changed, changes: [], replacements: [], refused: [] };
  for (const event of events) {
    const deletion = deletionBy(event);
    if (deletion && isOfAnother(event, deletion, ledger)) {
      applied.refused.push(event);
      continue;
    }
    const step = applyTo(ledger, event, dayOf);
    const replaced = deletion ? applyTo(ledger, deletion, dayOf) : null;
    if (step?.before?.facts && step.before.event.source !== event.source)
      applied.replacements.push({ tenantId: event.tenantId, event, replaced: step.before.event });
    const change = changeOf(event, step, contributionOf(replaced?.before));
    if (change) applied.changes.push(change);
  }
  return applied;
}

/** The event as the deletion of the expense that it replaces. */
const deletionBy = (event: StoredEvent): StoredEvent | null =>
  event.replaces === null
    ? null
    : { ...event, type: 'expense.deleted', expenseId: event.replaces, replaces: null, expense: null };

const find = ({ current, changed }: Ledger, { tenantId, expenseId }: StoredEvent): Expense | undefined => {
  const key = expenseKey(tenantId, expenseId);
  return changed.get(key) ?? current.get(key);
};

/** True if the deletion would take an expense from somebody else than the event's person. */
function isOfAnother(event: StoredEvent, deletion: StoredEvent, ledger: Ledger): boolean {
  const replaced = find(ledger, deletion);
  return (
    !!replaced?.facts && replaced.facts.userId !== event.expense?.userId && overtakes(deletion, replaced)
  );
}

/** Applies one event to its expense. */
function applyTo(ledger: Ledger, event: StoredEvent, dayOf: DayOf): Step {
  const key = expenseKey(event.tenantId, event.expenseId);
  const before = find(ledger, event);
  if (before && isRepeat(event, before)) return null;
  if (before && !overtakes(event, before)) {
    if (ties(event, before)) ledger.changed.set(key, { ...before, tied: withTied(before.tied, event) });
    return null;
  }
  const after = toExpense(event, before, dayOf);
  ledger.changed.set(key, after);
  return { before, after };
}

/** Null if nothing moves. An overtaken event may still take away the expense that it replaces. */
function changeOf(event: StoredEvent, step: Step, replaced: Contribution | null): SpendingChange | null {
  if (!step && !replaced) return null;
  return {
    expenseId: event.expenseId,
    before: contributionOf(step?.before),
    after: contributionOf(step?.after),
    ...(replaced ? { replaced } : {}),
  };
}

function toExpense(event: StoredEvent, previous: Expense | undefined, dayOf: DayOf): Expense {
  const { tenantId, source, id, type, time, sequence, number, expense } = event;
  return {
    tenantId,
    id: event.expenseId,
    event: { source, id, type, time, sequence, number },
    tied: previous && ties(event, previous) ? withTied(previous.tied, previous.event) : [],
    facts: expense && { ...expense, day: expense.kind === 'transfer' ? null : dayOf(tenantId, expense) },
  };
}

const withTied = (tied: readonly EventRef[], { source, id }: EventRef): EventRef[] =>
  [...tied, { source, id }].slice(-maxTied);
