/**
 * The in-app channel. The message is the notification's own row, written before any delivery. Sending announces
 * that row to the person's live streams in every process, so announcing twice shows it once.
 */
import type { ClaimedDelivery } from '../../decide/delivery.ts';
import type { DeliveryChannel } from '../channel.ts';
import type { Feed, FeedMessage } from './feed.ts';

type Dependencies = {
  /** Idempotent. Throws if the database does not answer. */
  announce(notification: { tenantId: string; notificationId: string }): Promise<void>;
  feed: Feed;
};

export const inAppChannel = ({ announce, feed }: Dependencies): DeliveryChannel => ({
  channel: 'in-app',
  afterCrash: 'resend',
  send: async (delivery) => {
    await announce(delivery);
    feed.emit('message', messageOf(delivery));
    return { kind: 'sent' };
  },
});

const messageOf = ({ message, ...delivery }: ClaimedDelivery): FeedMessage => ({
  tenantId: delivery.tenantId,
  userId: delivery.userId,
  notificationId: delivery.notificationId,
  type: delivery.type,
  severity: delivery.severity,
  title: message.title,
  text: message.text,
  level: delivery.level,
  held: delivery.waiting,
});
