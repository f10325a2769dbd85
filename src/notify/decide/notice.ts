/** A notification as the page of its link shows it, and how long the link works. Pure. */
import type { Channel } from '../../values/channels.ts';
import type { InZone } from '../../values/display.ts';
import type { DeliveryStatus, NotificationStatus, NotificationType } from '../../values/statuses.ts';

/** A notification that is told in this one. `reason`: why it was not told when it was made. */
export type NoticePart = { title: string; at: Temporal.Instant; reason: string | null };

export type ExplainedDelivery = {
  channel: Channel;
  status: DeliveryStatus;
  failureReason: string | null;
  sentAt: Temporal.Instant | null;
};

/** A notification as sentences explain it to its person, in their `locale` and `timeZone`. `level`: percent. */
export type ExplainedNotification = InZone & {
  type: NotificationType;
  title: string;
  level: number | null;
  status: NotificationStatus;
  reason: string | null;
  until: Temporal.Instant | null;
  isSilent: boolean;
  createdAt: Temporal.Instant;
  /** `merged`: the names of the budgets, or else the titles, that were told with it. */
  toldWith: readonly string[];
  deliveries: readonly ExplainedDelivery[];
};

/** The same with what the ledger of a day refers to. `changedAt`: when a delivery came to its status. */
export type LedgerNotification = Omit<ExplainedNotification, 'deliveries'> & {
  id: string;
  ruleId: string | null;
  deliveries: readonly LedgerDelivery[];
};
export type LedgerDelivery = ExplainedDelivery & { changedAt: Temporal.Instant };

export type LinkedNotification = ExplainedNotification & {
  message: string;
  parts: readonly NoticePart[];
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
