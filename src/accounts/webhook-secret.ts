/** Creates the secrets that sign webhooks, in the format of Standard Webhooks 1.0. */
import { randomBytes } from 'node:crypto';

/** `bytes` is the key itself. `text` is its form for the sender. */
export type WebhookSecret = { bytes: Buffer; text: string };

/** 256 random bits. The standard allows 192 to 512. */
export function createWebhookSecret(): WebhookSecret {
  const bytes = randomBytes(32);
  return { bytes, text: `whsec_${bytes.toString('base64')}` };
}
