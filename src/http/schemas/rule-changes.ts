/** Validates a rule's body beyond its shape: amounts in their currency, levels and time zones. */
import { isCurrency, minorDigits, parseAmount } from '../../values/money.ts';
import { type Rule, ruleDefaults, type Scope } from '../../alerts/decide/rule.ts';
import { compareCodePoints } from '../../values/code-points.ts';
import type { Basis, Threshold } from '../../values/severity.ts';
import { timeZoneName } from '../../values/time-zone.ts';
import { type FieldError, invalid } from '../errors/problem.ts';
import { readPeriod } from './period.ts';
import type { RuleBody, RuleChanges } from './rule.ts';

export type RuleDraft = Omit<Rule, 'tenantId' | 'id' | 'userId'>;

/** `currency` is used for an amount if the body has none. `budgetMinor` is null if there is no budget yet. */
type StoredBudget = { currency: string; budgetMinor: bigint | null };

/**
 * Both are always set together, so that an amount is never stored with another currency than it was read in.
 */
type Budget = Pick<Rule, 'budgetMinor' | 'currency'>;

type Read<T> = { value: T; errors: FieldError[] };

/**
 * Throws 400 with every wrong value. `today` is a day of any zone. `snoozeUntil` is read elsewhere, because it needs the person's time
 * zone.
 */
export function readChanges(
  body: RuleChanges,
  stored: StoredBudget & Scope,
  today: string,
): Partial<Omit<RuleDraft, 'snoozeUntil'>> {
  const {
    budgetAmount: _amount,
    currency: _currency,
    snoozeUntil: _snooze,
    quietHours,
    period: given,
    thresholds,
    ...others
  } = body;
  const budget = readBudget(body, stored);
  const scope = readScope(body, stored);
  const period = readPeriod(given, today);
  const errors = [
    ...budget.errors,
    ...scope.errors,
    ...period.errors,
    ...wrongLevels(body),
    ...repeatedChannels(body),
    ...unknownZone(body),
  ];
  if (errors.length > 0) throw invalid('The body is not valid.', errors);
  return {
    ...withoutUndefined({ ...others, period: period.value }),
    ...budget.value,
    ...scope.value,
    ...toLevels(thresholds),
    ...toQuietHours(quietHours),
  };
}

/**
 * Returns a complete rule. `currency` is the tenant's. The names of its categories are its default name; one without a name
 * goes by its id.
 */
export function readDraft(
  body: RuleBody,
  defaults: { currency: string; categoryNames: ReadonlyMap<string, string> },
  today: string,
): RuleDraft {
  const stored = { ...ruleDefaults, currency: defaults.currency, budgetMinor: null };
  const changes = readChanges(body, stored, today);
  const { budgetMinor, currency } = changes;
  if (budgetMinor === undefined || currency === undefined) throw new Error('a new rule has a budget');
  const { thresholds, channels } = ruleDefaults;
  return {
    ...ruleDefaults,
    thresholds: [...thresholds],
    channels: [...channels],
    name: defaultName(categoriesOf(body), defaults.categoryNames),
    ...changes,
    budgetMinor,
    currency,
  };
}

const maxNameLength = 100;

/** The categories that a new rule names as its own. */
export const categoriesOf = ({ categoryId, categoryIds }: RuleBody): string[] =>
  categoryIds ? sorted(categoryIds) : [categoryId ?? []].flat();

const defaultName = (categories: readonly string[], names: ReadonlyMap<string, string>): string =>
  Array.from(categories.map((id) => names.get(id) ?? id).join(', ') || 'All spending')
    .slice(0, maxNameLength)
    .join('');

const sorted = (values: readonly string[]): string[] => [...new Set(values)].toSorted(compareCodePoints);

/**
 * A category ends a group, and a group ends a category: only one of them may be given. Excluded categories are for all
 * spending, also where the rule was that before.
 */
function readScope(body: RuleChanges, stored: Scope): Read<Partial<Scope>> {
  const { categoryId, categoryIds, excludeCategories, excludeMerchants } = body;
  if (categoryId && categoryIds) return wrong('/categoryIds', 'must not be given beside a categoryId');
  const value = {
    ...categoriesIn(body),
    ...(excludeCategories && { excludeCategories: sorted(excludeCategories) }),
    ...(excludeMerchants && { excludeMerchants: sorted(excludeMerchants) }),
  };
  const scope = { ...stored, ...value };
  const isAllSpending = scope.categoryId === null && scope.categoryIds === null;
  return isAllSpending || scope.excludeCategories.length === 0
    ? { value, errors: [] }
    : wrong('/excludeCategories', 'must be empty unless the rule watches all spending');
}

function categoriesIn({ categoryId, categoryIds }: RuleChanges): Partial<Scope> {
  if (categoryId) return { categoryId, categoryIds: null };
  if (categoryIds) return { categoryId: null, categoryIds: sorted(categoryIds) };
  return { ...(categoryId === null && { categoryId }), ...(categoryIds === null && { categoryIds }) };
}

/** Empty if the body changes neither amount nor currency. */
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

/** A level is known by its percent and basis. A forecast is never critical. */
function wrongLevels({ thresholds = [] }: RuleChanges): FieldError[] {
  const keys = thresholds.map(({ percent, basis = 'actual' }) => `${percent} ${basis}`);
  return thresholds.flatMap(({ severity, basis }, index) => [
    ...(keys.indexOf(keys[index] ?? '') === index
      ? []
      : [{ pointer: `/thresholds/${index}/percent`, message: 'is the percent of another threshold' }]),
    ...(basis === 'forecast' && severity === 'critical'
      ? [{ pointer: `/thresholds/${index}/severity`, message: 'must not be "critical" for a forecast' }]
      : []),
  ]);
}

/** The two ladders of a rule are kept apart. */
function toLevels(
  given: RuleChanges['thresholds'],
): Partial<Pick<Rule, 'thresholds' | 'forecastThresholds'>> {
  if (!given) return {};
  const ladder = (basis: Basis): Threshold[] =>
    given
      .filter((each) => (each.basis ?? 'actual') === basis)
      .map(({ percent, severity }) => ({ percent, severity }));
  return { thresholds: ladder('actual'), forecastThresholds: ladder('forecast') };
}

const repeatedChannels = ({ channels = [] }: RuleChanges): FieldError[] =>
  new Set(channels).size === channels.length
    ? []
    : [{ pointer: '/channels', message: 'must not hold the same twice' }];

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
  // The result has no undefined values, which `fromEntries` cannot express.
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
