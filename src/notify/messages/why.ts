/** Says in sentences why a notification came, when and how, or why it did not. */
import { isolatedName } from '../../values/display-name.ts';
import { say } from '../../values/catalogue/catalogue.ts';
import { type InZone, percentIn, timeIn } from '../../values/display.ts';
import { type ExplainedDelivery, type ExplainedNotification, lastSentAt } from '../decide/notice.ts';
import { listOf, together } from './list.ts';

/** One to three sentences. */
export const whyOf = (notification: ExplainedNotification): string[] =>
  [madeOf(notification), becameOf(notification), othersOf(notification)].filter(
    (sentence) => sentence !== null,
  );

/** The same in one text. */
export const whyTextOf = (notification: ExplainedNotification): string =>
  together(whyOf(notification), notification);

/** How the notification was sent on a channel, or why it was not. It has no full stop. */
export const wayOf = (
  { channel, status, failureReason, sentAt }: ExplainedDelivery,
  reader: InZone,
): string =>
  say(reader, 'text.labelled', {
    label: say(reader, 'notice.channel', { channel }),
    text: sentAt
      ? say(reader, 'notice.sent', { status, at: timeOf(sentAt, reader) })
      : say(reader, 'notice.notSent', { status, reason: failureReason ?? '' }),
  });

const timeOf = (at: Temporal.Instant, { locale, timeZone }: InZone): string => timeIn(locale, at, timeZone);

function madeOf(notification: ExplainedNotification): string {
  const { type, level, createdAt, locale } = notification;
  const at = timeOf(createdAt, notification);
  return level === null
    ? say(notification, 'notice.made', { type, at })
    : say(notification, 'notice.reached', { type, at, level: percentIn(locale, level) });
}

/** Null if it went out at once. */
function becameOf(notification: ExplainedNotification): string | null {
  const { status, until, isSilent } = notification;
  const reason = notification.reason ?? '';
  if (until) return say(notification, 'notice.until', { reason, at: timeOf(until, notification) });
  switch (status) {
    case 'merged':
      return say(notification, 'notice.merged', { reason });
    case 'cancelled':
      return say(notification, 'notice.cancelled', { reason });
    case 'failed':
      return say(notification, 'notice.failed');
    case 'deferred':
    case 'capped':
    case 'pending':
    case 'sent':
      if (reason !== '') return say(notification, 'notice.silent', { reason });
      return isSilent
        ? say(notification, 'notice.waited', { at: timeOf(lastSentAt(notification), notification) })
        : null;
  }
}

const namedOthers = 3;

/** `Told with it: Dining, Travel.` Null if nothing was. */
function othersOf({ toldWith, locale }: ExplainedNotification): string | null {
  if (toldWith.length === 0) return null;
  const text = listOf(toldWith.map(isolatedName), namedOthers, { locale });
  return say({ locale }, 'text.labelled', { label: say({ locale }, 'notice.with'), text });
}
