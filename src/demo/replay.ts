/** The data of a replay, generated or from a statement. All of it is known before the first event is posted. */
import type { Rollover } from '../alerts/decide/rollover.ts';
import type { BudgetPeriod } from '../values/period.ts';
import type { Severity } from '../values/severity.ts';

/** An event in the format of `POST /api/events`. */
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

/** A rule in the format of `POST /api/smart-alerts/rules`. A person's rules have different names. */
export type PlannedRule = {
  userId: string;
  body: {
    name: string;
    categoryId?: string;
    categoryIds?: string[];
    excludeCategories?: string[];
    rollover?: Rollover;
    budgetAmount: string;
    period?: BudgetPeriod;
    thresholds?: { percent: number; severity: Severity }[];
    channels?: string[];
    notifyOnRecovery?: boolean;
  };
};

/** `settings` are for `PUT /api/users/:userId`, `preferences` for the person's own call. */
export type ReplayPerson = {
  userId: string;
  settings: { name?: string; timezone?: string; email?: string };
  preferences?: { digest: { daily: boolean; weekly: boolean } };
};

/** Finds the name of a person; the id where none is known. */
export function nameFinder({ people }: Pick<Replay, 'people'>): (userId: string) => string {
  const names = new Map(people.map(({ userId, settings }) => [userId, settings.name ?? userId]));
  return (userId) => names.get(userId) ?? userId;
}

/** The name of a category, if it differs from the id. */
export type ReplayCategory = { categoryId: string; name: string };

/** Events to post when the service's clock shows `at`; none is dated later. */
export type LiveStep = { at: Temporal.Instant; events: readonly PostedEvent[] };

export type Replay = {
  /** The name of the database folder, so that the same replay finds its earlier work. */
  key: string;
  tenant: { name: string; timezone: string; currency: string };
  /** The people with settings that their first expense would not register. */
  people: readonly ReplayPerson[];
  categories: readonly ReplayCategory[];
  /** The live month in the tenant's time zone; the clock goes from `start` to `end`. */
  start: Temporal.Instant;
  end: Temporal.Instant;
  /** The events dated before `start`. */
  history: Iterable<PostedEvent>;
  historyCount: number;
  rules: readonly PlannedRule[];
  /** The steps of the live month, in time order. */
  steps: readonly LiveStep[];
};

/** Before quiet hours, even three time zones further east, and before the month ends. So a trial alerts at once. */
const lastHour = 16;

/** The first instant of the month (`YYYY-MM`) in the time zone, and 16:00 on its last day. */
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
