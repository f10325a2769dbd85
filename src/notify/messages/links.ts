/** Where messages lead to: addresses of this service, as people's mail programs and browsers reach it. */
import type { Links } from '../decide/content.ts';
import { type UnsubscribeGrant, unsubscribeToken } from '../decide/unsubscribe.ts';
import type { Channel } from '../../values/channels.ts';

type Linked = Omit<UnsubscribeGrant, 'channel' | 'key'> & { unsubscribeKey: string };

/** `publicUrl` null: the service does not know how it is reached, and messages lead nowhere. */
export const linksFrom =
  (publicUrl: string | null) =>
  ({ tenantId, userId, unsubscribeKey: key }: Linked, channel: Channel): Links => ({
    page: null,
    unsubscribe:
      publicUrl === null || channel === 'in-app'
        ? null
        : `${publicUrl}/api/smart-alerts/unsubscribe/${unsubscribeToken({ tenantId, userId, channel, key })}`,
  });
