/**
 * A signed webhook's path and headers, for the reference: what is checked is `auth/standard-webhook.ts`'s. The
 * signature itself is the document's security scheme.
 */
import { Type } from 'typebox';

export const webhookParams = Type.Object({
  sourceId: Type.String({ format: 'uuid', description: 'as it was given with the secret' }),
});

export const webhookHeaders = Type.Object({
  'webhook-id': Type.String({ minLength: 1, description: 'the message’s own id; a repeat keeps it' }),
  'webhook-timestamp': Type.String({
    pattern: String.raw`^\d+$`,
    description: 'seconds since 1970 when it was sent; at most five minutes off',
  }),
});
