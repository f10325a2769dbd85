/** Builds the phrases of an alert or a recovery. Each channel combines them in its own way. */
import { rangeIn } from './range.ts';
import { say } from '../../values/catalogue/catalogue.ts';
import { moneyIn, percentIn, type Reader } from '../../values/display.ts';
import { isolatedName, onOneLine, shortened } from '../../values/display-name.ts';
import { percentOfBudget } from '../../values/figures.ts';
import type { AlertFacts } from '../decide/alert-facts.ts';
import { balance, balanceInTime } from './balance.ts';
import { isOver, periodName } from './period-name.ts';
import { timesIn } from './share.ts';

export type AlertPhrases = {
  /** `Groceries: 103% of the monthly budget`, or `Groceries is back below 95%`. */
  title: string;
  /** `Groceries: $412.30 of $400.00 spent, $12.30 over, with 9 days left this month.` */
  sentence: string;
  /** `CORNER MARKET, $120.00, took it over 100%.` Null if no expense did. */
  tipped: string | null;
  /** `$30.00 of the budget is carried over.` Null if nothing is. */
  carried: string | null;
  /** The title without its period, and the balance: `Groceries at 103%, $12.30 over.` */
  short: string;
  /** For lists and small screens: `Groceries at 103%`, `Groceries (October 2026) at 103%`. */
  gist: string;
  /** `$412.30 of $400.00 spent, $12.30 over, with 9 days left this month`. */
  figures: string;
  /** `103% of the monthly budget`, `12 times the monthly budget`. */
  share: string;
  /** `$12.30 over, with 9 days left this month`. */
  balance: string;
  level: string;
  isCritical: boolean;
  /** Null unless the period is over. */
  periodName: string | null;
  /** `Groceries is back below 95%`. Null if this is no recovery. */
  recovery: string | null;
};

/** Throws `RangeError` if `currency` is not a currency. The app, which shows every alert, needs neither of the short forms. */
export function alertPhrases(facts: AlertFacts, reader: Reader): AlertPhrases {
  if (facts.forecast) return forecastPhrases({ ...facts, forecast: facts.forecast }, reader);
  const { type, severity } = facts;
  const past = isOver(facts, reader) ? periodName(facts, reader) : null;
  const name = isolatedName(facts.ruleName);
  const subject = past === null ? name : say(reader, 'alert.subject', { name, period: past });
  const recovery = type === 'recovery' ? recoveryIn(facts, name, past, reader) : null;
  const share = shareIn(facts, reader);
  const title = recovery ?? say(reader, 'text.labelled', { label: subject, text: share });
  const left = balanceInTime(facts, reader);
  const figures = figuresIn(facts, left, reader);
  const line = say(reader, 'text.labelled', { label: recovery ?? subject, text: figures });
  return {
    title,
    sentence: say(reader, 'list.sentence', { list: line }),
    tipped: tippedIn(facts, reader),
    carried: carriedIn(facts, reader),
    get short() {
      return sentence(reader, this.gist, balance(facts, reader));
    },
    get gist() {
      return recovery ?? gistIn(facts, name, past, reader);
    },
    figures,
    share,
    balance: left,
    level: percentIn(reader.locale, facts.level),
    isCritical: type === 'budget_alert' && severity === 'critical',
    periodName: past,
    recovery,
  };
}

/** The sentence, what tipped it, and what is carried over. */
export const wholeMessage = ({ sentence: first, tipped, carried }: AlertPhrases, reader: Reader): string =>
  [tipped, carried].reduce<string>(
    (text, second) => (second === null ? text : say(reader, 'text.sentences', { first: text, second })),
    first,
  );

const sentence = (reader: Reader, first: string, second: string): string =>
  say(reader, 'list.sentence', { list: say(reader, 'text.phrases', { first, second }) });

type ForecastFacts = AlertFacts & { forecast: NonNullable<AlertFacts['forecast']> };

/** What a period will probably end at, as a range: it is a forecast and says so. */
function forecastPhrases(facts: ForecastFacts, reader: Reader): AlertPhrases {
  const { level, currency, forecast, periodKind } = facts;
  const name = isolatedName(facts.ruleName);
  const past = isOver(facts, reader) ? periodName(facts, reader) : null;
  const subject = past === null ? name : say(reader, 'alert.subject', { name, period: past });
  const percent = percentIn(reader.locale, level);
  const reach = level === 100 ? 'budget' : 'level';
  const range = rangeIn({ ...forecast, currency }, reader);
  const left = say(reader, 'forecast.ends', { period: periodKind, range });
  const figures = figuresIn(facts, left, reader);
  const title = say(reader, 'forecast.title', { reach, name: subject, level: percent });
  return {
    title,
    sentence: say(reader, 'list.sentence', {
      list: say(reader, 'text.labelled', { label: subject, text: figures }),
    }),
    tipped: null,
    carried: carriedIn(facts, reader),
    short: say(reader, 'list.sentence', { list: title }),
    gist: title,
    figures,
    share: say(reader, 'forecast.share', { reach, level: percent }),
    balance: left,
    level: percent,
    isCritical: false,
    periodName: past,
    recovery: null,
  };
}

/** Null if nothing was left of the budget to begin with. */
const percentOf = ({ spentMinor, budgetMinor }: AlertFacts): bigint | null =>
  percentOfBudget(BigInt(spentMinor), BigInt(budgetMinor));

function recoveryIn({ level }: AlertFacts, name: string, past: string | null, reader: Reader): string {
  const figure = percentIn(reader.locale, level);
  return past === null
    ? say(reader, 'recovery.title', { name, level: figure })
    : say(reader, 'recovery.titlePast', { name, period: past, level: figure });
}

function shareIn(facts: AlertFacts, reader: Reader): string {
  const percent = percentOf(facts);
  if (percent === null) return say(reader, 'alert.shareNothing');
  const times = timesIn(reader, percent);
  const period = facts.periodKind;
  return times === null
    ? say(reader, 'alert.share', { period, percent: percentIn(reader.locale, percent) })
    : say(reader, 'alert.times', { period, times });
}

function gistIn(facts: AlertFacts, name: string, past: string | null, reader: Reader): string {
  const about = past === null ? name : say(reader, 'alert.gistPast', { name, period: past });
  const percent = percentOf(facts);
  if (percent === null) return say(reader, 'alert.gistNothing', { name: about });
  const times = timesIn(reader, percent);
  return times === null
    ? say(reader, 'alert.gist', { name: about, percent: percentIn(reader.locale, percent) })
    : say(reader, 'alert.gistTimes', { name: about, times });
}

function figuresIn({ spentMinor, budgetMinor, currency }: AlertFacts, left: string, reader: Reader): string {
  if (BigInt(spentMinor) < 0n) return say(reader, 'alert.refunded', { balance: left });
  return say(reader, 'alert.spent', {
    spent: moneyIn(reader, BigInt(spentMinor), currency),
    budget: moneyIn(reader, BigInt(budgetMinor), currency),
    balance: left,
  });
}

function carriedIn({ carriedMinor = '0', currency }: AlertFacts, reader: Reader): string | null {
  const carried = BigInt(carriedMinor);
  if (carried === 0n) return null;
  return carried > 0n
    ? say(reader, 'alert.carried', { amount: moneyIn(reader, carried, currency) })
    : say(reader, 'alert.carriedLess', { amount: moneyIn(reader, -carried, currency) });
}

const nameLength = 40;

/** The merchant and the amount, or else the category and the amount, or the amount alone. */
function tippedIn(facts: AlertFacts, reader: Reader): string | null {
  const { type, level, spentMinor, budgetMinor, tippedBy } = facts;
  if (type === 'recovery' || !tippedBy || percentOf(facts) === null) return null;
  const merchant = onOneLine(tippedBy.merchant ?? '');
  const { who, name } = namedIn(merchant, tippedBy.category);
  const isExact = BigInt(spentMinor) * 100n === BigInt(level) * BigInt(budgetMinor);
  return say(reader, 'alert.tipped', {
    who,
    how: isExact ? 'to' : 'over',
    name: isolatedName(shortened(name, nameLength, '…')),
    amount: moneyIn(reader, BigInt(tippedBy.amountMinor), tippedBy.currency),
    level: percentIn(reader.locale, level),
  });
}

function namedIn(merchant: string, category: string | null): { who: string; name: string } {
  if (merchant !== '') return { who: 'merchant', name: merchant };
  return category === null ? { who: 'nobody', name: '' } : { who: 'category', name: category };
}
