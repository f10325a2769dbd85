/** Makes a tenant's people and rules in the database and in the reference model, so that both can be compared. */
import * as fc from 'fast-check';
import type { Database } from '../../../../src/runtime/database/database.ts';
import { createRule } from '../../../../src/alerts/rules/create-rule.ts';
import { movePerson } from '../move-person.ts';
import { formatAmount } from '../../../../src/values/money.ts';
import { draftOf, levelsOf } from './batches.ts';
import { type ModelEvent, ReferenceModel } from '../../reference/reference-model.ts';
import type { ModelExpense } from '../../reference/reference-scope.ts';
import type { ModelRule } from '../../reference/reference-levels.ts';
import type { ModelRate } from '../../reference/reference-rates.ts';

export type ModelWorld = { rules: readonly ModelRule[]; model: ReferenceModel };

type Plan = {
  /** Time zones by user id. */
  zones: Readonly<Record<string, string>>;
  rules: readonly Omit<ModelRule, 'id'>[];
  at: Temporal.Instant;
};

export async function makeModelWorld(
  db: Database,
  tenantId: string,
  { zones, rules, at }: Plan,
): Promise<ModelWorld> {
  for (const [userId, timezone] of Object.entries(zones))
    await movePerson(db, { tenantId, userId }, timezone, at);
  const known: ModelRule[] = [];
  for (const rule of rules) {
    const { severe = [] } = rule;
    const thresholds = levelsOf(...rule.levels).map((each) =>
      severe.includes(each.percent) ? { ...each, severity: 'danger' as const } : each,
    );
    const draft = draftOf({ ...rule, thresholds });
    const { ruleId } = await createRule(db, { tenantId, userId: rule.userId }, draft, at);
    known.push({ ...rule, id: ruleId });
  }
  return { rules: known, model: new ReferenceModel(known, (userId) => zones[userId] ?? 'UTC', at) };
}

/** A generated event; `minute` and `spentHours` count from the instant of the world. */
export type News = Omit<ModelExpense, 'spentAt'> & {
  /** Orders events of the same time and type. */
  sequence: string | null;
  isUpdate: boolean;
  minute: number;
  expense: number;
  isDeleted: boolean;
  spentHours: number;
  /** The number of the expense that it takes the place of. It never takes its own. */
  replaces?: number | null;
};

export function toEvent(news: News, index: number, at: Temporal.Instant): ModelEvent {
  const { userId, categoryId, merchant = null, currency, amountMinor, isUpdate, sequence } = news;
  const { kind = 'purchase', status = 'posted', replaces = null } = news;
  const isReplacing = replaces !== null && replaces !== news.expense && !news.isDeleted;
  const spentAt = at.add({ hours: news.spentHours });
  return {
    id: `e${index}`,
    time: at.add({ minutes: news.minute }),
    isUpdate,
    sequence,
    expenseId: `x${news.expense}`,
    replaces: isReplacing ? `x${replaces}` : null,
    expense: news.isDeleted
      ? null
      : { userId, categoryId, merchant, currency, amountMinor, spentAt, kind, status },
  };
}

/** Generated merchants: one in two ways of writing, another, and none. */
export const merchantArbitrary = fc.constantFrom('ACME', 'Acme #1234', 'CORNER MARKET', null);
/** `line`: null, or the number of an expense that never changes hands. */
export type LineNews = News & { line: number | null; isReplacing: boolean };

const lineLength = 9;

export const lineArbitraries = {
  line: fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.nat(lineLength - 1) },
  ),
  isReplacing: fc.boolean(),
};

/**
 * A third of the news is about expenses that never change hands, and may take the place of another one of their person. One
 * that changes hands would be replaced or not by the order of arrival. The number of people divides that of the line.
 */
export function ofLine({ line, isReplacing, ...news }: LineNews, people: readonly string[]): News {
  if (line === null) return news;
  const userId = people[line % people.length] ?? '';
  const replaces = isReplacing ? 20 + ((line + people.length) % lineLength) : null;
  return { ...news, userId, expense: 20 + line, replaces };
}

/** Generated sequences. By code points the last one is the greatest, though not by UTF-16. */
export const sequenceArbitrary = fc.constantFrom(null, null, '1', '10', '9', '\u{fffd}', '\u{1f600}');

/** Converts an event to a request body. */
export function toBody(event: ModelEvent): object {
  const { id, time, isUpdate, sequence, expenseId, replaces, expense } = event;
  const envelope = { id, time: time.toString(), sequence };
  if (!expense) return { ...envelope, type: 'expense.deleted', data: { expenseId } };
  const { amountMinor, spentAt, ...facts } = expense;
  const amount = formatAmount(amountMinor, expense.currency);
  const data = { expenseId, replaces, ...facts, amount, spentAt: spentAt.toString() };
  return { ...envelope, type: isUpdate ? 'expense.updated' : 'expense.created', data };
}

/** Cuts events into posts, in an order that is independent of their times. */
export function makePosts(
  events: readonly ModelEvent[],
  cuts: Iterator<number>,
  order: Iterator<number>,
): ModelEvent[][] {
  const next = (numbers: Iterator<number>): number => numbers.next().value ?? 1;
  const left = events
    .map((event) => ({ event, place: next(order) }))
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event);
  const posts: ModelEvent[][] = [];
  while (left.length > 0) posts.push(left.splice(0, next(cuts)));
  return posts;
}

/** Generated rates of a day; `days` count from the instant of the world. */
export type RateNews = { days: number; base: string; rates: Readonly<Record<string, string>> };

const rate = fc.constantFrom('0.5', '0.92', '1.333', '0.0071', '140');

export const rateNewsArbitrary: fc.Arbitrary<RateNews> = fc
  .record({
    days: fc.integer({ min: -16, max: 5 }),
    base: fc.constantFrom('USD', 'EUR', 'CHF'),
    rates: fc.record({ USD: rate, EUR: rate }, { requiredKeys: [] }),
  })
  .filter(({ base, rates }) => Object.keys(rates).some((currency) => currency !== base));

/** Converts generated rates to the body of a PUT and to the input of the model. */
export function toRates({ days, base, rates }: RateNews, at: Temporal.Instant) {
  const date = at
    .add({ hours: 24 * days })
    .toString()
    .slice(0, 10);
  const others = Object.entries(rates).filter(([currency]) => currency !== base);
  const modelled = others.map(([currency, rate]): ModelRate => ({ date, base, currency, rate }));
  return { table: { date, base, rates: Object.fromEntries(others) }, modelled };
}
