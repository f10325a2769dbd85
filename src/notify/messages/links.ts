/** Makes the links in messages: public addresses of this service. */
import type { InterruptingChannel } from '../../values/channels.ts';
import type { NotificationContent } from '../decide/content.ts';
import { notificationToken } from '../decide/notification-token.ts';
import { scopeOf, type StopSubject, unsubscribeToken } from '../decide/unsubscribe.ts';

type Linked = { tenantId: string; userId: string; unsubscribeKey: string };

/**
 * The links in a message. `page`: of its notification. `unsubscribe`: ends its `subject`. A link is null if the service
 * has no address for it.
 */
export type Links = { page: string | null; unsubscribe: { url: string; subject: StopSubject } | null };

export const noLinks: Links = { page: null, unsubscribe: null };

/** With `linkUrl` null the service does not know its address, and messages have no links. */
export const linksFrom =
  (linkUrl: string | null) =>
  (
    { tenantId, userId, unsubscribeKey: key }: Linked,
    notificationId: string,
    content: NotificationContent,
    channel: InterruptingChannel,
  ): Links => {
    if (linkUrl === null) return noLinks;
    const scope = scopeOf(content, channel, notificationId);
    return {
      page: `${linkUrl}/n/${notificationToken({ tenantId, notificationId, key })}`,
      unsubscribe: {
        url: `${linkUrl}/api/smart-alerts/unsubscribe/${unsubscribeToken({ tenantId, userId, channel, scope, key })}`,
        subject: scope.subject,
      },
    };
  };
