/** Says what is out of the ordinary about a charge, with the figures that show it. */
import { say } from '../../values/catalogue/catalogue.ts';
import { dayIn, moneyIn, type Reader } from '../../values/display.ts';
import { isolatedName, shortened } from '../../values/display-name.ts';
import type { AnomalyFacts } from '../decide/anomalies/anomaly-facts.ts';
import type { Cadence } from '../decide/recurring-schedule.ts';

const nameLength = 40;

/** How many charges a year has. */
const aYear: Readonly<Record<Cadence, bigint>> = {
  weekly: 52n,
  fortnightly: 26n,
  monthly: 12n,
  quarterly: 4n,
  yearly: 1n,
};

/** The reason is the text of the API as well. */
export function anomalyMessage(facts: AnomalyFacts, reader: Reader): { title: string; text: string } {
  const said = wordsOf(facts, reader);
  switch (facts.kind) {
    case 'unusual_amount':
      return {
        title: say(reader, 'anomaly.unusualTitle', said),
        text: say(reader, 'anomaly.unusual', { ...said, basis: facts.basis ?? 'person' }),
      };
    case 'duplicate_charge':
      return {
        title: say(reader, 'anomaly.duplicateTitle', said),
        text: say(
          reader,
          facts.otherDay === facts.day ? 'anomaly.duplicateSameDay' : 'anomaly.duplicate',
          said,
        ),
      };
    case 'price_increase':
      return {
        title: say(reader, 'anomaly.priceTitle', said),
        text: say(reader, 'anomaly.price', { ...said, charges: facts.charges === 1 ? 'one' : 'more' }),
      };
    case 'missed_charge':
      return { title: say(reader, 'anomaly.missedTitle', said), text: say(reader, 'anomaly.missed', said) };
    case 'new_recurring':
      return {
        title: say(reader, 'anomaly.newTitle', said),
        text: say(reader, 'anomaly.new', { ...said, cadence: facts.cadence ?? 'monthly' }),
      };
  }
}

function wordsOf(facts: AnomalyFacts, reader: Reader) {
  const { merchant, day, since, otherDay, amountMinor, expectedMinor, cadence, currency } = facts;
  const amount = BigInt(amountMinor);
  const expected = BigInt(expectedMinor ?? 0);
  const inDays = (text: string) => dayIn(reader.locale, Temporal.PlainDate.from(text));
  return {
    merchant: isolatedName(shortened(merchant, nameLength, '…')),
    amount: moneyIn(reader, amount, currency),
    expected: moneyIn(reader, expected, currency),
    day: inDays(day),
    since: inDays(since ?? day),
    other: inDays(otherDay ?? day),
    more: moneyIn(reader, (amount - expected) * aYear[cadence ?? 'monthly'], currency),
  };
}
