/** Says in sentences why a notification came, when and how, or why it did not. */
import { say } from '../../values/catalogue/catalogue.ts';
import { percentIn, timeIn } from '../../values/display.ts';
import { lastSentAt, linkEnds, type LinkedNotification } from '../decide/notice.ts';

/** The parts of the page in reading order. */
export type Notice = {
  title: string;
  texts: string[];
  sections: { heading: string; lines: string[] }[];
  foot: string;
};

export function noticeOf(notification: LinkedNotification): Notice {
  const { title, message, parts, locale } = notification;
  const reader = { locale };
  const sections = [
    { heading: say(reader, 'notice.why'), lines: whyOf(notification) },
    { heading: say(reader, 'notice.parts'), lines: parts.map((part) => partOf(part, notification)) },
    { heading: say(reader, 'notice.ways'), lines: waysOf(notification) },
  ];
  return {
    title,
    texts: [message],
    sections: sections.filter(({ lines }) => lines.length > 0),
    foot: say(reader, 'notice.foot', { at: timeOf(linkEnds(notification), notification) }),
  };
}

const timeOf = (at: Temporal.Instant, { locale, timeZone }: LinkedNotification): string =>
  timeIn(locale, at, timeZone);

const whyOf = (notification: LinkedNotification): string[] =>
  [madeOf(notification), becameOf(notification)].filter((sentence) => sentence !== null);

function madeOf(notification: LinkedNotification): string {
  const { type, decision, createdAt, locale } = notification;
  if (!decision) return say(notification, 'notice.made', { type, at: timeOf(createdAt, notification) });
  return say(notification, 'notice.reached', {
    outcome: decision.outcome,
    at: timeOf(decision.at, notification),
    level: percentIn(locale, decision.level),
  });
}

/** Null if it went out at once. */
function becameOf(notification: LinkedNotification): string | null {
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

const partOf = (
  { title, at, reason }: LinkedNotification['parts'][number],
  within: LinkedNotification,
): string => say(within, 'notice.part', { title, reason: reason ?? '', at: timeOf(at, within) });

const waysOf = (notification: LinkedNotification): string[] =>
  notification.deliveries.map(({ channel, status, failureReason, sentAt }) =>
    say(notification, 'text.labelled', {
      label: say(notification, 'notice.channel', { channel }),
      text: sentAt
        ? say(notification, 'notice.sent', { status, at: timeOf(sentAt, notification) })
        : say(notification, 'notice.notSent', { status, reason: failureReason ?? '' }),
    }),
  );
