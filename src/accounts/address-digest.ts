/** Tells whether an address is the one that a message went to, without keeping the address. */
import { type RawBuilder, sql as statement } from 'kysely';

/** `salt`: the id of the delivery or of the tenant. Digests with another salt cannot be compared. */
export const addressDigest = (salt: RawBuilder<unknown>, address: RawBuilder<unknown>) =>
  statement<Buffer>`sha256(convert_to(${salt}::text || ' ' || ${address}, 'UTF8'))`;
