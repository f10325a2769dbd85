/**
 * The in-app channel. The person's copy is the notification's own row, written before any delivery; sending
 * announces it to whoever is watching now, so announcing it twice shows the same message.
 */
import type { ClaimedDelivery } from '../domain/delivery.ts';
import type { DeliveryChannel } from './channel.ts';
import type { Feed, FeedMessage } from './feed.ts';

export const inAppChannel = (feed: Feed): DeliveryChannel => ({
  channel: 'in-app',
  afterCrash: 'resend',
  send: async (delivery) => {
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
});
