/** Several alerts in one notification: the ones shown, their order and the title. */
import { anomaliesIn, type NotificationContent } from '../decide/content.ts';
import { anomalyMessage } from '../../insight/messages/anomaly-message.ts';
import { alertPhrases } from '../../alerts/messages/alert-message.ts';
import type { Reader } from '../../values/display.ts';
import { say } from '../../values/catalogue/catalogue.ts';
import { newsSince } from './since.ts';
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import { severities } from '../../values/severity.ts';
import { percentOfBudget } from '../../values/figures.ts';

export type RollUp = Extract<NotificationContent, { alerts: AlertFacts[] }>;

/**
 * One alert for each rule and period, and one forecast, the most severe first. `alerts` are in the order in which they came.
 */
export function shownOf(alerts: readonly AlertFacts[]): AlertFacts[] {
  const groups = Map.groupBy(
    alerts,
    ({ type, ruleId, period }) => `${type === 'forecast'} ${ruleId} ${period.start} ${period.end}`,
  );
  return [...groups.values()].flatMap(openOf).sort(byGravity);
}

/** The highest level that is still open after all of these alerts, else the last one, with the latest figures. */
function openOf(alerts: readonly AlertFacts[]): AlertFacts[] {
  const last = alerts.at(-1);
  if (!last) return [];
  const open = alerts.filter(
    ({ type, level }, index) => type !== 'recovery' && !isBackBelow(level, alerts.slice(index + 1)),
  );
  const [highest = last] = open.toSorted((one, other) => other.level - one.level);
  const { spentMinor, budgetMinor, carriedMinor = '0', currency } = last;
  return [{ ...highest, spentMinor, budgetMinor, carriedMinor, currency }];
}

const isBackBelow = (reached: number, later: readonly AlertFacts[]): boolean =>
  later.some(({ type, level }) => type === 'recovery' && level <= reached);

function byGravity(one: AlertFacts, other: AlertFacts): number {
  const [first, second] = [percentOf(one), percentOf(other)];
  if (first === second) return gravityOf(other) - gravityOf(one);
  return gravityOf(other) - gravityOf(one) || (first < second ? 1 : -1);
}

/** Recoveries come last. */
const gravityOf = ({ type, severity }: AlertFacts): number =>
  type === 'recovery' ? -1 : severities.indexOf(severity);

/** `shown`: the result of `shownOf`. A single alert keeps its own title. */
export function titleOfRollUp(content: RollUp, shown: readonly AlertFacts[], reader: Reader): string {
  const [only, second] = shown;
  const anomalies = anomaliesIn(content);
  const [anomaly] = anomalies;
  if (!only && !anomaly) return say(reader, 'rollUp.empty');
  if (only && !second && !anomaly) return alertPhrases(only, reader).title;
  if (!only && anomaly && anomalies.length === 1) return anomalyMessage(anomaly, reader).title;
  const news = newsWith(shown, anomalies.length, reader);
  return content.type === 'roll_up' ? news : newsSince(news, content.type, content.day, reader);
}

/** `2 budgets need a look, 1 charge needs a look`. One of both is above zero. */
export function newsWith(shown: readonly AlertFacts[], anomalies: number, reader: Reader): string {
  if (anomalies === 0) return newsOf(shown, reader);
  const charges = say(reader, 'anomaly.several', { count: anomalies });
  return shown.length === 0
    ? charges
    : say(reader, 'anomaly.withNews', { news: newsOf(shown, reader), charges });
}

/** `2 budgets need a look and 1 has come down`. */
function newsOf(shown: readonly AlertFacts[], reader: Reader): string {
  const down = shown.filter(({ type }) => type === 'recovery').length;
  const need = new Set(shown.filter(({ type }) => type !== 'recovery').map(({ ruleId }) => ruleId)).size;
  if (down === 0) return say(reader, 'rollUp.need', { count: need });
  return need === 0
    ? say(reader, 'rollUp.down', { count: down })
    : say(reader, 'rollUp.both', { need, down });
}

/** A budget of nothing is fuller than any. */
const percentOf = ({ spentMinor, budgetMinor }: AlertFacts): bigint | number =>
  percentOfBudget(BigInt(spentMinor), BigInt(budgetMinor)) ?? Infinity;
