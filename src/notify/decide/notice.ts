/** A notification as the page of its link shows it, and how long the link works. Pure. */
import type { Channel } from '../../values/channels.ts';
import type { DeliveryStatus, NotificationStatus, NotificationType } from '../../values/statuses.ts';

/** The decision that made it. `level`: percent. */
export type NoticeDecision = { at: Temporal.Instant; level: number; outcome: string };

/** A notification that is told in this one. `reason`: why it was not told when it was made. */
export type NoticePart = { title: string; at: Temporal.Instant; reason: string | null };

type NoticeDelivery = {
  channel: Channel;
  status: DeliveryStatus;
  failureReason: string | null;
  sentAt: Temporal.Instant | null;
};

export type LinkedNotification = {
  type: NotificationType;
  title: string;
  message: string;
  status: NotificationStatus;
  reason: string | null;
  until: Temporal.Instant | null;
  isSilent: boolean;
  createdAt: Temporal.Instant;
  deliveries: readonly NoticeDelivery[];
  decision: NoticeDecision | null;
  parts: readonly NoticePart[];
  locale: string;
  timeZone: string;
  tenantName: string;
};

const linkLives = { hours: 30 * 24 } as const;

/** The last time that it was sent, or else when it was made. */
export const lastSentAt = ({
  createdAt,
  deliveries,
}: Pick<LinkedNotification, 'createdAt' | 'deliveries'>): Temporal.Instant =>
  deliveries
    .flatMap(({ sentAt }) => sentAt ?? [])
    .reduce((last, at) => (Temporal.Instant.compare(at, last) > 0 ? at : last), createdAt);

/** A link works for 30 days from when its message was sent. */
export const linkEnds = (
  notification: Pick<LinkedNotification, 'createdAt' | 'deliveries'>,
): Temporal.Instant => lastSentAt(notification).add(linkLives);
