/** Secrets that webhooks are signed with, as Standard Webhooks 1.0 has them made and written. */
import { randomBytes } from 'node:crypto';

/** `bytes` is the key itself; `text` what the sender is given. */
export type WebhookSecret = { bytes: Buffer; text: string };

/** 256 random bits, of which the standard wants 192 to 512. */
export function createWebhookSecret(): WebhookSecret {
  const bytes = randomBytes(32);
  return { bytes, text: `whsec_${bytes.toString('base64')}` };
}
