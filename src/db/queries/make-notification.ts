/** Makes notifications that tell several others as one, or what is about no rule. */
import { randomUUIDv7 } from 'node:crypto';
import type { AlertFacts, Told } from '../../domain/notification.ts';
import { localDay } from '../../domain/period.ts';
import type { Reach, Tellable } from '../../domain/telling.ts';
import { inAppWords } from '../../domain/words/in-app.ts';
import type { Decided } from './write-telling.ts';

export const mergedInto = (
  into: Tellable,
  items: readonly Tellable[],
  reach: Reach,
  reason: string,
): Decided[] => items.map((item) => ({ item, reach, status: 'merged', reason, mergedInto: into.id }));

export const alertsOf = (items: readonly Tellable[]): AlertFacts[] =>
  items.flatMap(({ told }) => ('ruleId' in told ? [told] : []));

/** To be written by `insert-notifications`. */
export function makeNotification(
  told: Exclude<Told, AlertFacts>,
  severity: Tellable['severity'],
  { tenantId, userId, locale, timeZone }: Reach,
  now: Temporal.Instant,
): Tellable {
  const { title, text } = inAppWords(told, { locale, today: localDay(now, timeZone) });
  const id = randomUUIDv7();
  return {
    tenantId,
    id,
    userId,
    type: told.type,
    severity,
    title,
    message: text,
    told,
    silenced: null,
    rule: null,
  };
}
