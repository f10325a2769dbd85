/** What a person is told: its kinds, its ends, and what its words are made of. */
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import { type InterruptingChannel, interruptingChannels } from '../../values/channels.ts';
import type { SummaryFigures } from '../../insight/decide/summary.ts';

/**
 * A rendered message, as a channel sends it. `title`: a mail's subject. `html`: a mail's, beside `text`.
 * `unsubscribeUrl`: ends this channel for the person.
 */
export type Message = { title: string; text: string; html?: string; unsubscribeUrl?: string };

/** What a notification's words are made of. Kept as JSON. */
export type NotificationContent =
  | AlertFacts
  /** Alerts told together: what woke from quiet hours, or was capped. */
  | { type: 'roll_up'; alerts: AlertFacts[] }
  /**
   * `day`: the local day it is about or, of a weekly one, the first of its seven. `alerts`: what the daily cap
   * held back. Without `figures` where nothing was spent, and in what was made before there were any.
   */
  | {
      type: 'daily_summary' | 'weekly_summary';
      day: string;
      alerts: AlertFacts[];
      figures?: SummaryFigures;
    }
  /** `address` is masked. */
  | { type: 'address_bounced'; channel: 'email' | 'sms'; address: string };

/** Where a message may lead to. `page`: the person's own; null where the service does not know its address. */
export type Links = { page: string | null; unsubscribe: string | null };

/** The interrupting channels that a content uses, in their usual order. */
export function channelsOf(content: NotificationContent): InterruptingChannel[] {
  const used = new Set(
    'alerts' in content ? content.alerts.flatMap(({ channels }) => channels) : ownChannels(content),
  );
  return interruptingChannels.filter((channel) => used.has(channel) || showsFigures(content, channel));
}

const ownChannels = (content: Exclude<NotificationContent, { alerts: unknown }>) =>
  'channels' in content ? content.channels : [];

/** Figures are for readers with time: they go by mail alone. */
const showsFigures = (content: NotificationContent, channel: InterruptingChannel): boolean =>
  'figures' in content && channel === 'email';

/** The part of a content that one channel shows: the alerts whose rules use it, and figures by mail. */
export function shownOn(content: NotificationContent, channel: InterruptingChannel): NotificationContent {
  if (!('alerts' in content)) return content;
  const alerts = content.alerts.filter(({ channels }) => channels.includes(channel));
  if (!('figures' in content) || showsFigures(content, channel)) return { ...content, alerts };
  const { figures: _left, ...others } = content;
  return { ...others, alerts };
}
