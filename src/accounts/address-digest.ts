/** Tells whether an address is the one that a message went to, without keeping the address. */
import { type RawBuilder, sql as statement } from 'kysely';

/** `messageId`: that of the delivery or the confirmation. It makes the digest another one for each message. */
export const addressDigest = (messageId: RawBuilder<unknown>, address: RawBuilder<unknown>) =>
  statement<Buffer>`sha256(convert_to(${messageId}::text || ' ' || ${address}, 'UTF8'))`;
