/** Notification content: its kinds, the channels it uses, and the part of it that each channel shows. */
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';
import { type InterruptingChannel, interruptingChannels } from '../../values/channels.ts';
import type { AnomalyFacts } from '../../insight/decide/anomalies/anomaly-facts.ts';
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
export type ContainedAlert = AlertFacts & { notificationId?: string };

/** An anomaly in a notification with others, as `ContainedAlert`. */
export type ContainedAnomaly = AnomalyFacts & { notificationId?: string };

/** The facts that a notification's messages are rendered from. Kept as JSON. */
export type NotificationContent =
  | AlertFacts
  | AnomalyFacts
  /** Alerts in one notification: deferred ones released together, or capped ones. */
  | { type: 'roll_up'; alerts: ContainedAlert[]; anomalies?: ContainedAnomaly[] }
  /**
   * `day`: the local day of the summary, or the first of the seven days of a weekly one. `alerts`: the capped
   * alerts. `figures` is absent if nothing was spent, and in digests older than the field.
   */
  | {
      type: 'daily_summary' | 'weekly_summary';
      day: string;
      alerts: ContainedAlert[];
      anomalies?: ContainedAnomaly[];
      figures?: SummaryFigures;
    }
  /** `address` is masked. */
  | { type: 'address_bounced'; channel: 'email' | 'sms'; address: string };

/** The interrupting channels that a content uses, in their usual order. */
export function channelsOf(content: NotificationContent): InterruptingChannel[] {
  const used = new Set(
    'alerts' in content
      ? [...content.alerts, ...anomaliesIn(content)].flatMap(({ channels }) => channels)
      : ownChannels(content),
  );
  return interruptingChannels.filter((channel) => used.has(channel) || showsFigures(content, channel));
}

/** Those of a content with several facts; contents without any lack the field. */
export const anomaliesIn = (content: NotificationContent): ContainedAnomaly[] =>
  'anomalies' in content ? (content.anomalies ?? []) : [];

const ownChannels = (content: Exclude<NotificationContent, { alerts: unknown }>) =>
  'channels' in content ? content.channels : [];

/** Figures need a reader with time, so only mails show them. */
const showsFigures = (content: NotificationContent, channel: InterruptingChannel): boolean =>
  'figures' in content && channel === 'email';

/** The part of a content that one channel shows: alerts whose rules use the channel, and figures in mails. */
export function shownOn(content: NotificationContent, channel: InterruptingChannel): NotificationContent {
  if (!('alerts' in content)) return content;
  const alerts = content.alerts.filter(({ channels }) => channels.includes(channel));
  const anomalies = anomaliesIn(content).filter(({ channels }) => channels.includes(channel));
  const shown = withFacts(content, { alerts, anomalies });
  if (!('figures' in shown) || showsFigures(content, channel)) return shown;
  const { figures: _omitted, ...others } = shown;
  return others;
}

type Several = Extract<NotificationContent, { alerts: unknown }>;

/** The content with these facts instead of its own. Without anomalies the field is left out. */
export function withFacts<Content extends Several>(
  content: Content,
  { alerts, anomalies }: { alerts: ContainedAlert[]; anomalies: ContainedAnomaly[] },
): Content {
  const { anomalies: _before, ...others } = content;
  return { ...others, alerts, ...(anomalies.length > 0 ? { anomalies } : {}) } as Content;
}
