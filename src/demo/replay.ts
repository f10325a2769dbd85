/** What a replay is made of, wherever its expenses come from: everything is known before the first is posted. */
import type { Severity } from '../values/severity.ts';

/** An event as `POST /api/events` takes it. */
export type PostedEvent = {
  id: string;
  source: string;
  type: 'expense.created' | 'expense.updated' | 'expense.deleted';
  time: string;
  data: ExpenseData | { expenseId: string };
};

export type ExpenseData = {
  expenseId: string;
  userId: string;
  categoryId: string;
  merchant?: string;
  description?: string;
  amount: string;
  currency: string;
  spentAt: string;
};

/** A rule as `POST /api/smart-alerts/rules` takes it; within a person, the name tells them apart. */
export type PlannedRule = {
  userId: string;
  body: {
    name: string;
    categoryId?: string;
    budgetAmount: string;
    period?: 'daily' | 'weekly' | 'monthly';
    thresholds?: { percent: number; severity: Severity }[];
    channels?: string[];
    notifyOnRecovery?: boolean;
  };
};

/** `settings` as `PUT /api/users/:userId` takes them, `preferences` as the person's own call does. */
export type ReplayPerson = {
  userId: string;
  settings: { name?: string; timezone?: string; email?: string };
  preferences?: { digest: { daily: boolean; weekly: boolean } };
};

/** What a category is called, where that is not its id. */
export type ReplayCategory = { categoryId: string; name: string };

/** Events posted when the service's clock shows `at`; none of them is dated later. */
export type LiveStep = { at: Temporal.Instant; events: readonly PostedEvent[] };

export type Replay = {
  /** Names the folder of its database: the same replay finds what it did before. */
  key: string;
  tenant: { name: string; timezone: string; currency: string };
  /** Those whose settings differ from what the first expense would register. */
  people: readonly ReplayPerson[];
  categories: readonly ReplayCategory[];
  /** The live month, in the tenant's time zone: the clock goes from `start` to `end`. */
  start: Temporal.Instant;
  end: Temporal.Instant;
  /** All dated before `start`. */
  history: Iterable<PostedEvent>;
  historyCount: number;
  rules: readonly PlannedRule[];
  /** In time order. */
  steps: readonly LiveStep[];
};

/** Before quiet hours, also three zones further east, and with the month not over: what is tried then is told at once. */
const lastHour = 16;

/** The month's (`YYYY-MM`) first instant in the zone, and four in the afternoon of its last day. */
export function monthBounds(
  month: string,
  timeZone: string,
): { start: Temporal.Instant; end: Temporal.Instant } {
  const first = Temporal.PlainYearMonth.from(month).toPlainDate({ day: 1 });
  const last = first.with({ day: first.daysInMonth }).toPlainDateTime({ hour: lastHour });
  return {
    start: first.toZonedDateTime(timeZone).toInstant(),
    end: last.toZonedDateTime(timeZone).toInstant(),
  };
}
