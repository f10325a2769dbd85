/** Makes the links in messages: public addresses of this service. */
import type { Links } from '../decide/content.ts';
import { type UnsubscribeGrant, unsubscribeToken } from '../decide/unsubscribe.ts';
import type { Channel } from '../../values/channels.ts';

type Linked = Omit<UnsubscribeGrant, 'channel' | 'key'> & { unsubscribeKey: string };

/** With `publicUrl` null the service does not know its public address, and messages have no links. */
export const linksFrom =
  (publicUrl: string | null) =>
  ({ tenantId, userId, unsubscribeKey: key }: Linked, channel: Channel): Links => ({
    page: null,
    unsubscribe:
      publicUrl === null || channel === 'in-app'
        ? null
        : `${publicUrl}/api/smart-alerts/unsubscribe/${unsubscribeToken({ tenantId, userId, channel, key })}`,
  });
