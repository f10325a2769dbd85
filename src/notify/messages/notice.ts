/** The page of one notification: the message, why it came, and how it was sent. */
import { say } from '../../values/catalogue/catalogue.ts';
import { timeIn } from '../../values/display.ts';
import { linkEnds, type LinkedNotification } from '../decide/notice.ts';
import { wayOf, whyOf } from './why.ts';

/** The parts of the page in reading order. */
export type Notice = {
  title: string;
  texts: string[];
  sections: { heading: string; lines: string[] }[];
  foot: string;
};

export function noticeOf(notification: LinkedNotification): Notice {
  const { title, message, parts, deliveries, locale, timeZone } = notification;
  const reader = { locale };
  const sections = [
    { heading: say(reader, 'notice.why'), lines: whyOf(notification) },
    { heading: say(reader, 'notice.parts'), lines: parts.map((part) => partOf(part, notification)) },
    {
      heading: say(reader, 'notice.ways'),
      lines: deliveries.map((delivery) => wayOf(delivery, notification)),
    },
  ];
  return {
    title,
    texts: [message],
    sections: sections.filter(({ lines }) => lines.length > 0),
    foot: say(reader, 'notice.foot', { at: timeIn(locale, linkEnds(notification), timeZone) }),
  };
}

const partOf = (
  { title, at, reason }: LinkedNotification['parts'][number],
  within: LinkedNotification,
): string =>
  say(within, 'notice.part', { title, reason: reason ?? '', at: timeIn(within.locale, at, within.timeZone) });
