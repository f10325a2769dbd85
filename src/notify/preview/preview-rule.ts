/** Previews a rule: what it would have done on its person's own past. It only reads. */
import { readTimezone } from '../../accounts/people.ts';
import { firstPeriod } from '../../alerts/decide/replay-levels.ts';
import type { Rule } from '../../alerts/decide/rule.ts';
import type { DaySum } from '../../insight/decide/forecast/daily-sums.ts';
import { firstChargeDay } from '../../insight/decide/recurring.ts';
import { dayNumber } from '../../insight/decide/recurring-schedule.ts';
import { historyFrom } from '../../insight/decide/forecast/rule-forecast.ts';
import { readRatios } from '../../insight/forecasts/pooled-ratios.ts';
import { readCharges } from '../../insight/recurring/read-charges.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { inPortions } from '../../runtime/in-portions.ts';
import type { Channel } from '../../values/channels.ts';
import { localDay, type Period } from '../../values/period.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';
import type { Recipient } from '../decide/policy.ts';
import { type ForecastPast, PastForecasts } from '../decide/preview/past-forecasts.ts';
import { type PastSpending, type Preview, replayRule } from '../decide/preview/replay-rule.ts';
import { readRecipients } from '../sql/policy-row.ts';
import { readRecurringDecisions } from './read-recurring-decisions.ts';
import { countedOf, type PastExpenses, readPastExpenses } from './read-past-expenses.ts';

export type PreviewDraft = Omit<Rule, 'tenantId' | 'id' | 'userId'>;

/** `days`: how many the preview goes back, today included. `configured`: the channels that this service can send on. */
export type AskedPreview = { draft: PreviewDraft; days: number; configured: ReadonlySet<Channel> };

/** Of one person and preview. They are read in a few hundred milliseconds. */
const mostExpenses = 200_000;

/** The past has more expenses than are replayed. */
export class TooManyExpenses extends Error {
  readonly most = mostExpenses;
}

/** The person must be registered. Throws `TooManyExpenses`. The replay holds no connection, and lets other work come first. */
export async function previewRule(
  db: Database,
  person: PersonRef,
  { draft, days, configured }: AskedPreview,
  now: Temporal.Instant,
): Promise<Preview> {
  const read = await db.transaction([person.tenantId], (sql) =>
    readPast(sql, person, { draft, days, configured }, now),
  );
  if (!read) return { alerts: [], interruptions: 0, periods: [] };
  return inPortions(replay(read, now));
}

type Read = {
  rule: Rule;
  recipient: Recipient;
  firstDay: string;
  first: Period;
  expenses: PastExpenses;
  forecasts: Omit<ForecastPast, 'days'> | null;
};

/** Null where no period of the rule has begun. */
async function readPast(
  sql: Sql,
  person: PersonRef,
  { draft, days, configured }: AskedPreview,
  now: Temporal.Instant,
): Promise<Read | null> {
  const { tenantId, userId } = person;
  const rule: Rule = { ...draft, ...person, id: '' };
  const timeZone = await readTimezone(sql, person);
  const lastDay = localDay(now, timeZone);
  const firstDay = Temporal.PlainDate.from(lastDay)
    .subtract({ days: days - 1 })
    .toString();
  const first = firstPeriod(rule, firstDay)?.period;
  if (!first || first.start > lastDay) return null;
  const recipient = (await readRecipients(sql, [person], configured)).get(personKey(person));
  if (!recipient) throw new Error('no such person is registered');
  const goesByForecast = mayAskForecasts(rule);
  const expenses = await readPastExpenses(sql, rule, {
    firstDay: goesByForecast ? historyFrom(first) : first.start,
    lastDay,
    now,
    limit: mostExpenses + 1,
  });
  if (expenses.rows.length > mostExpenses) throw new TooManyExpenses();
  const past = { rule, recipient: asOfThePast(recipient), firstDay, first, expenses };
  if (!goesByForecast) return { ...past, forecasts: null };
  const asked = { userId, firstDay: firstChargeDay(first.start), lastDay };
  const charges = await readCharges(sql, tenantId, [asked]);
  const decided = await readRecurringDecisions(sql, person);
  const { ratios, shares } = await readRatios(sql, tenantId);
  return { ...past, forecasts: { rule, charges: charges.get(userId) ?? [], decided, ratios, shares } };
}

/** A day has no forecast. */
const mayAskForecasts = ({ period, everyLevel, forecastThresholds }: Rule): boolean =>
  period !== 'daily' && (forecastThresholds.length > 0 || !everyLevel);

/** The person's settings of now, but for what holds of the present alone: a snooze, and which digests went out. */
const asOfThePast = (recipient: Recipient): Recipient => ({
  ...recipient,
  snoozeUntil: null,
  lastDigestDay: null,
});

/** Expenses whose amounts are converted between two yields. */
const expensesAtATime = 2_000;

function* replay(read: Read, now: Temporal.Instant): Generator<void, Preview> {
  const { rule, recipient: person, firstDay, first, expenses, forecasts: known } = read;
  const { spending, days } = yield* count(rule, expenses, first);
  const forecasts = known && new PastForecasts({ ...known, days });
  const forecastOn = (period: Period, day: string) => forecasts?.on(period, day) ?? withoutForecast();
  return yield* replayRule({ rule, person, firstDay, spending, forecastOn, now });
}

// oxlint-disable-next-line require-yield
function* withoutForecast(): Generator<void, null> {
  return null;
}

type Instant = Omit<PastSpending, 'deltasMinor'> & { spentAt: string; deltasMinor: bigint[] };

/** `spending`: from the first period on, by instant. `days`: sums by day, also of the history before. */
function* count(
  rule: Rule,
  { rows, rates }: PastExpenses,
  first: Period,
): Generator<void, { spending: Instant[]; days: DaySum[] }> {
  const spending: Instant[] = [];
  const days = new Map<string, DaySum>();
  for (const [index, row] of rows.entries()) {
    if ((index + 1) % expensesAtATime === 0) yield;
    const counted = countedOf(rule, rates, row);
    if (!counted) continue;
    const { spentAt, day, amountMinor } = counted;
    const sum = days.get(day) ?? { number: dayNumber(day), amount: 0, purchases: 0 };
    days.set(day, { ...sum, amount: sum.amount + Number(amountMinor), purchases: sum.purchases + 1 });
    if (day < first.start) continue;
    const last = spending.at(-1);
    if (last?.spentAt === spentAt) last.deltasMinor.push(amountMinor);
    else spending.push({ spentAt, at: Temporal.Instant.from(spentAt), day, deltasMinor: [amountMinor] });
  }
  return { spending, days: [...days.values()].toSorted((one, other) => one.number - other.number) };
}
