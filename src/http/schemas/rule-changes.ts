/** What a rule's body asks for, checked beyond its shape: money in its currency, levels, zones. */
import { isCurrency, minorDigits, parseAmount } from '../../values/money.ts';
import { type Rule, ruleDefaults } from '../../alerts/decide/rule.ts';
import { timeZoneName } from '../../values/time-zone.ts';
import { type FieldError, invalid } from '../errors/problem.ts';
import type { RuleBody, RuleChanges } from './rule.ts';

export type RuleDraft = Omit<Rule, 'tenantId' | 'id' | 'userId'>;

/** The currency an amount is read in where the body names none; `budgetMinor` null: no budget yet. */
export type StoredBudget = { currency: string; budgetMinor: bigint | null };

/** Always both, so that an amount is never stored beside a currency it was not read in. */
type Budget = Pick<Rule, 'budgetMinor' | 'currency'>;

type Read<T> = { value: T; errors: FieldError[] };

/** Throws a 400 that names every wrong value. Until when it is snoozed is another's: that takes the person's zone. */
export function readChanges(
  body: RuleChanges,
  stored: StoredBudget,
): Partial<Omit<RuleDraft, 'snoozeUntil'>> {
  const { budgetAmount: _amount, currency: _currency, snoozeUntil: _snooze, quietHours, ...others } = body;
  const budget = readBudget(body, stored);
  const errors = [...budget.errors, ...repeatedLevels(body), ...unknownZone(body)];
  if (errors.length > 0) throw invalid('The body is not valid.', errors);
  return { ...withoutUndefined(others), ...budget.value, ...toQuietHours(quietHours) };
}

/** A complete rule; `currency` is the tenant's, `categoryName` what an unnamed rule of a category is called. */
export function readDraft(
  body: RuleBody,
  defaults: { currency: string; categoryName: string | null },
): RuleDraft {
  const changes = readChanges(body, { currency: defaults.currency, budgetMinor: null });
  const { budgetMinor, currency } = changes;
  if (budgetMinor === undefined || currency === undefined) throw new Error('a new rule has a budget');
  const { thresholds, channels } = ruleDefaults;
  return {
    ...ruleDefaults,
    thresholds: [...thresholds],
    channels: [...channels],
    name: defaultName(body.categoryId ?? null, defaults.categoryName),
    ...changes,
    budgetMinor,
    currency,
  };
}

const maxNameLength = 100;

const defaultName = (categoryId: string | null, categoryName: string | null): string =>
  Array.from(categoryName ?? categoryId ?? 'All spending')
    .slice(0, maxNameLength)
    .join('');

/** Empty where the body changes neither amount nor currency. */
function readBudget(body: RuleChanges, stored: StoredBudget): Read<Budget | Record<string, never>> {
  const currency = body.currency ?? stored.currency;
  if (!isCurrency(currency)) return wrong('/currency', 'must be an ISO 4217 currency, like "USD"');
  if (body.budgetAmount !== undefined) return readAmount(body.budgetAmount, currency);
  if (stored.budgetMinor === null || currency === stored.currency) return { value: {}, errors: [] };
  if (minorDigits(currency) !== minorDigits(stored.currency))
    return wrong('/budgetAmount', `is required: ${currency} has other decimals than ${stored.currency}`);
  return { value: { budgetMinor: stored.budgetMinor, currency }, errors: [] };
}

function readAmount(text: string, currency: string): Read<Budget | Record<string, never>> {
  const parsed = parseAmount(text, currency);
  if (!parsed.ok) return wrong('/budgetAmount', parsed.message);
  if (parsed.minor <= 0n) return wrong('/budgetAmount', 'must be above zero');
  return { value: { budgetMinor: parsed.minor, currency }, errors: [] };
}

const wrong = (pointer: string, message: string): Read<Record<string, never>> => ({
  value: {},
  errors: [{ pointer, message }],
});

function repeatedLevels({ thresholds = [] }: RuleChanges): FieldError[] {
  const percents = thresholds.map(({ percent }) => percent);
  return percents.flatMap((percent, index) =>
    percents.indexOf(percent) === index
      ? []
      : [{ pointer: `/thresholds/${index}/percent`, message: 'is the percent of another threshold' }],
  );
}

const unknownZone = ({ quietHours }: RuleChanges): FieldError[] =>
  typeof quietHours?.timezone === 'string' && timeZoneName(quietHours.timezone) === null
    ? [{ pointer: '/quietHours/timezone', message: 'must be an IANA time zone, like "Europe/Berlin"' }]
    : [];

function toQuietHours(given: RuleChanges['quietHours']): Partial<Pick<Rule, 'quietHours'>> {
  if (given === undefined) return {};
  if (given === null) return { quietHours: null };
  const { enabled = true, start, end, timezone = null } = given;
  return { quietHours: { enabled, start, end, timezone: timezone && timeZoneName(timezone) } };
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

const withoutUndefined = <T extends object>(values: T): Defined<T> =>
  // What remains has no undefined value, which `fromEntries` cannot say.
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
