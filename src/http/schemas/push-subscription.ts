/**
 * Browsers' web push subscriptions, in the format of `PushSubscription.toJSON()`.
 * https://www.w3.org/TR/push-api/
 */
import { ECDH } from 'node:crypto';
import { type Static, Type } from 'typebox';
import type { ListedSubscription } from '../../deliver/channels/push/list-push-subscriptions.ts';
import type { SubscriptionDraft } from '../../deliver/channels/push/put-push-subscription.ts';
import { isPushEndpoint } from '../../deliver/channels/push/push-endpoint.ts';
import { instant, nullable } from './text.ts';

const strict = { additionalProperties: false };

/** In base64url, 65 bytes are 87 characters and 16 are 22. */
const publicKeyShape = /^[\w-]{87}$/;

const p256dh = Type.Refine(
  Type.String({ description: 'the browser’s public key: an uncompressed point of P-256, in base64url' }),
  (value) => typeof value === 'string' && isPublicKey(value),
  () => 'must be an uncompressed point of P-256, 65 bytes, in base64url without padding',
);

const auth = Type.String({
  pattern: '^[A-Za-z0-9_-]{22}$',
  description: '16 bytes in base64url without padding',
});

/** `extraHosts` are push services that are accepted beside those of the browsers. */
export const pushSubscriptionBody = (extraHosts: readonly string[]) =>
  Type.Object(
    {
      endpoint: Type.Refine(
        Type.String({
          description: 'the subscription’s URL at the browser’s push service',
          examples: ['https://fcm.googleapis.com/fcm/send/…'],
        }),
        (value) => typeof value === 'string' && isPrintable(value) && isPushEndpoint(value, extraHosts),
        () => 'must be a URL of a browser’s push service, like https://fcm.googleapis.com/…',
      ),
      expirationTime: Type.Optional(
        nullable(
          Type.Number({ description: 'ignored, because the push service reports the end of a subscription' }),
        ),
      ),
      keys: Type.Object({ p256dh, auth }, strict),
    },
    strict,
  );

export type PushSubscriptionBody = Static<ReturnType<typeof pushSubscriptionBody>>;

export const subscriptionDraft = ({ endpoint, keys }: PushSubscriptionBody): SubscriptionDraft => ({
  endpoint,
  ...keys,
});

export const subscriptionParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

export const subscriptionSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  endpoint: Type.String(),
  createdAt: instant('when its browser last posted it'),
});

export const subscriptionView = ({
  id,
  endpoint,
  createdAt,
}: ListedSubscription): Static<typeof subscriptionSchema> => ({
  id,
  endpoint,
  createdAt: createdAt.toString(),
});

/** URL parsers drop white space, but the stored text would still contain it. */
const isPrintable = (text: string): boolean => /^[!-~]+$/.test(text);

/** Checks that the point lies on the curve, because other points can reveal a sender's private key. */
function isPublicKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64url');
  if (!publicKeyShape.test(text) || bytes[0] !== 4) return false;
  try {
    ECDH.convertKey(bytes, 'prime256v1');
    return true;
  } catch {
    return false;
  }
}
