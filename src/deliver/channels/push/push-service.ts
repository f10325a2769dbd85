/** One message to one browser, by its push service: encrypted for it (RFC 8291), signed by us (RFC 8292). */
import webPush from 'web-push';
import type { ClaimedDelivery, PushSubscription } from '../../decide/delivery.ts';
import { answeredFailure, isAccepted } from '../http-failure.ts';
import { post } from '../http-post.ts';
import { accepted, type Provider, refused, unreachable } from '../provider.ts';
import type { Severity } from '../../../values/severity.ts';

export type PushTask = { delivery: ClaimedDelivery; subscription: PushSubscription };

export type Sender = {
  vapid: { publicKey: string; privateKey: string; subject: string };
  /** Where a click on the message leads; null: nowhere. */
  publicUrl: string | null;
};

export const pushService = (host: string, sender: Sender): Provider<PushTask> => ({
  name: `push ${host}`,
  attempt: async (task, signal) => {
    const request = requestOf(task, sender);
    if (!request) return refused('bad_subscription');
    const reply = await post({ ...request, readsAtMost: 0 }, signal);
    // 401 and 403 are the subscription's, made for one key alone (https://www.rfc-editor.org/rfc/rfc8292#section-4.2).
    if (reply.kind === 'answered') return isAccepted(reply.status) ? accepted : answeredFailure(reply);
    // Under the same topic a second one does no harm.
    return { ...unreachable(reply.reason), isUntaken: !reply.isConnected };
  },
});

const daySeconds = 86_400;

/** Whether the message is worth waking a sleeping phone. https://www.rfc-editor.org/rfc/rfc8030#section-5.3 */
const urgencies = {
  info: 'low',
  warning: 'normal',
  danger: 'high',
  critical: 'high',
} as const satisfies Record<Severity, string>;

/** Null where the browser's keys are none. */
function requestOf({ delivery, subscription }: PushTask, { vapid, publicUrl }: Sender) {
  const { endpoint, p256dh, auth } = subscription;
  const keys = { endpoint, keys: { p256dh, auth } };
  try {
    const { headers, body } = webPush.generateRequestDetails(keys, payloadOf(delivery, publicUrl), {
      vapidDetails: vapid,
      TTL: daySeconds,
      urgency: urgencies[delivery.severity],
      topic: topicOf(delivery),
    });
    return { url: endpoint, headers: { ...headers }, body };
  } catch {
    return null;
  }
}

/** 32 characters, as many as a topic may have. https://www.rfc-editor.org/rfc/rfc8030#section-5.4 */
const topicOf = ({ notificationId }: ClaimedDelivery): string => notificationId.replaceAll('-', '');

/** `tag`: under the same one a browser shows one message, the later. */
const payloadOf = (delivery: ClaimedDelivery, publicUrl: string | null): string =>
  JSON.stringify({
    title: delivery.message.title,
    body: delivery.message.text,
    tag: topicOf(delivery),
    ...(publicUrl === null ? {} : { url: publicUrl }),
  });
