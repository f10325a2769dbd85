/** Sends a message to one browser by its push service, encrypted (RFC 8291) and signed with our key (RFC 8292). */
import webPush from 'web-push';
import type { ClaimedDelivery, PushSubscription } from '../../decide/delivery.ts';
import { answeredFailure, isAccepted } from '../http-failure.ts';
import { post } from '../http-post.ts';
import { accepted, type Provider, refused, unreachable } from '../provider.ts';
import type { Severity } from '../../../values/severity.ts';

export type PushTask = { delivery: ClaimedDelivery; subscription: PushSubscription };

export type Sender = {
  vapid: { publicKey: string; privateKey: string; subject: string };
  /** What a click opens where a message has no page of its own, as those of the version before; null: nothing. */
  publicUrl: string | null;
};

export const pushService = (host: string, sender: Sender): Provider<PushTask> => ({
  name: `push ${host}`,
  attempt: async (task, signal) => {
    const request = requestOf(task, sender);
    if (!request) return refused('bad_subscription');
    const reply = await post({ ...request, readsAtMost: 0 }, signal);
    // 401 and 403 concern the subscription, which is bound to one key (https://www.rfc-editor.org/rfc/rfc8292#section-4.2).
    if (reply.kind === 'answered') return isAccepted(reply.status) ? accepted : answeredFailure(reply);
    // A second message under the same topic does no harm.
    return { ...unreachable(reply.reason), isNotAccepted: !reply.isConnected };
  },
});

const daySeconds = 86_400;

/** Decides whether a message may wake a sleeping phone. https://www.rfc-editor.org/rfc/rfc8030#section-5.3 */
const urgencies = {
  info: 'low',
  warning: 'normal',
  danger: 'high',
  critical: 'high',
} as const satisfies Record<Severity, string>;

/** Null if the browser's keys are invalid. */
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

/** 32 characters, the maximum for a topic. https://www.rfc-editor.org/rfc/rfc8030#section-5.4 */
const topicOf = ({ notificationId }: ClaimedDelivery): string => notificationId.replaceAll('-', '');

/** `tag`: a browser shows only the latest message with the same tag. */
function payloadOf(delivery: ClaimedDelivery, publicUrl: string | null): string {
  const { title, text, url = publicUrl } = delivery.message;
  return JSON.stringify({
    title,
    body: text,
    tag: topicOf(delivery),
    ...(url === null ? {} : { url }),
  });
}
