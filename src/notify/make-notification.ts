/** Makes notifications that contain several others, or that are about no rule. */
import { randomUUIDv7 } from 'node:crypto';
import type { NotificationContent } from './decide/content.ts';
import { localDay } from '../values/period.ts';
import type { Recipient, PendingNotification } from './decide/policy.ts';
import { inAppMessage } from './messages/in-app.ts';
import type { PlannedNotification } from './sql/write-plans.ts';
import type { AlertFacts } from '../alerts/decide/alert-facts.ts';

export const mergedInto = (
  into: PendingNotification,
  items: readonly PendingNotification[],
  recipient: Recipient,
  reason: string,
): PlannedNotification[] =>
  items.map((item) => ({ item, recipient, verdict: { verdict: 'merge', reason, mergedInto: into.id } }));

const alertsOf = (items: readonly Pick<PendingNotification, 'id' | 'content'>[]) =>
  items.flatMap(({ id, content }) => ('ruleId' in content ? [{ ...content, notificationId: id }] : []));

const anomaliesOf = (items: readonly Pick<PendingNotification, 'id' | 'content'>[]) =>
  items.flatMap(({ id, content }) =>
    content.type === 'anomaly' ? [{ ...content, notificationId: id }] : [],
  );

/** The facts of these notifications, to be contained in one. */
export const factsOf = (items: readonly Pick<PendingNotification, 'id' | 'content'>[]) => {
  const anomalies = anomaliesOf(items);
  return { alerts: alertsOf(items), ...(anomalies.length > 0 ? { anomalies } : {}) };
};

/** `insert-notifications` writes the result. */
export function makeNotification(
  content: Exclude<NotificationContent, AlertFacts>,
  severity: PendingNotification['severity'],
  { tenantId, userId, locale, timeZone }: Recipient,
  now: Temporal.Instant,
): PendingNotification {
  const { title, text } = inAppMessage(content, { locale, today: localDay(now, timeZone) });
  const id = randomUUIDv7();
  return {
    tenantId,
    id,
    userId,
    type: content.type,
    severity,
    title,
    message: text,
    content,
    silenced: null,
    isDigest: false,
    isRenewed: false,
    rule: null,
  };
}
