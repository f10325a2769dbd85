/**
 * A signed webhook's path and headers, for the reference. `auth/standard-webhook.ts` does the actual checks.
 * The signature header is described by the document's security scheme.
 */
import { Type } from 'typebox';

export const webhookParams = Type.Object({
  sourceId: Type.String({ format: 'uuid', description: 'the webhook’s id, as shown with its secret' }),
});

export const webhookHeaders = Type.Object({
  'webhook-id': Type.String({ minLength: 1, description: 'the message’s id; a retry keeps it' }),
  'webhook-timestamp': Type.String({
    pattern: String.raw`^\d+$`,
    description: 'seconds since 1970 when it was sent; at most five minutes off',
  }),
});
