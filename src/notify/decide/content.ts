/** Notification content: its kinds, the channels it uses, and the part of it that each channel shows. */
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import { type InterruptingChannel, interruptingChannels } from '../../values/channels.ts';
import type { SummaryFigures } from '../../insight/decide/summary.ts';

/**
 * A rendered message, as a channel sends it. A mail has `title` as its subject and `html` beside `text`. `sender`: the
 * tenant's name. `url`: the page of the notification. `unsubscribeUrl` ends what the message is, on its channel.
 */
export type Message = {
  title: string;
  text: string;
  html?: string;
  sender?: string;
  url?: string;
  unsubscribeUrl?: string;
};

/** `notificationId`: the alert's own notification. Absent in contents that an earlier version wrote. */
type ContainedAlert = AlertFacts & { notificationId?: string };

/** The facts that a notification's messages are rendered from. Kept as JSON. */
export type NotificationContent =
  | AlertFacts
  /** Alerts in one notification: deferred ones released together, or capped ones. */
  | { type: 'roll_up'; alerts: ContainedAlert[] }
  /**
   * `day`: the local day of the summary, or the first of the seven days of a weekly one. `alerts`: the capped
   * alerts. `figures` is absent if nothing was spent, and in digests older than the field.
   */
  | {
      type: 'daily_summary' | 'weekly_summary';
      day: string;
      alerts: ContainedAlert[];
      figures?: SummaryFigures;
    }
  /** `address` is masked. */
  | { type: 'address_bounced'; channel: 'email' | 'sms'; address: string };

/** The interrupting channels that a content uses, in their usual order. */
export function channelsOf(content: NotificationContent): InterruptingChannel[] {
  const used = new Set(
    'alerts' in content ? content.alerts.flatMap(({ channels }) => channels) : ownChannels(content),
  );
  return interruptingChannels.filter((channel) => used.has(channel) || showsFigures(content, channel));
}

const ownChannels = (content: Exclude<NotificationContent, { alerts: unknown }>) =>
  'channels' in content ? content.channels : [];

/** Figures need a reader with time, so only mails show them. */
const showsFigures = (content: NotificationContent, channel: InterruptingChannel): boolean =>
  'figures' in content && channel === 'email';

/** The part of a content that one channel shows: alerts whose rules use the channel, and figures in mails. */
export function shownOn(content: NotificationContent, channel: InterruptingChannel): NotificationContent {
  if (!('alerts' in content)) return content;
  const alerts = content.alerts.filter(({ channels }) => channels.includes(channel));
  if (!('figures' in content) || showsFigures(content, channel)) return { ...content, alerts };
  const { figures: _omitted, ...others } = content;
  return { ...others, alerts };
}
