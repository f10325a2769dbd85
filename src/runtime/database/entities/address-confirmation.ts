import { defineEntity, p } from '@mikro-orm/core';
import { instant, tenantId, tenantRows } from './columns.ts';

/**
 * A message that asked a person to confirm an address, and its delivery. `address`: null unless it waits for the person;
 * one waits at most, on each channel. `addressDigest`: tells whether an address is the same. `key`: 16 random bytes, the
 * secret of the link; null once it was used. `expiresAt`: by the machine's time. The other times are the service's.
 */
export const AddressConfirmation = defineEntity({
  name: 'AddressConfirmation',
  tableName: 'address_confirmations',
  ...tenantRows,
  indexes: [
    {
      // address-confirmations, policy-row: the address that waits.
      name: 'address_confirmations_waiting',
      expression:
        'create unique index address_confirmations_waiting on address_confirmations (tenant_id, user_id, channel) where address is not null',
    },
    {
      // address-confirmations, delete-rows: a person's confirmations, and those of the last day.
      name: 'address_confirmations_recent',
      expression:
        'create index address_confirmations_recent on address_confirmations (tenant_id, user_id, channel, created_at)',
    },
    {
      // address-confirmations: the messages of the last hour to an address, whoever they are about.
      name: 'address_confirmations_digest',
      expression:
        'create index address_confirmations_digest on address_confirmations (tenant_id, address_digest, created_at)',
    },
    {
      // address-confirmations: the confirmation of a link. A digest is compared, so that no time tells the key.
      name: 'address_confirmations_key',
      expression:
        'create index address_confirmations_key on address_confirmations (tenant_id, sha256(key)) where address is not null',
    },
    {
      // find-unfinished: messages that are not sent yet.
      name: 'address_confirmations_unfinished',
      expression:
        "create index address_confirmations_unfinished on address_confirmations (tenant_id, changed_at) where status in ('pending', 'sending') and address is not null",
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    userId: p.text().name('user_id'),
    channel: p.text(),
    address: p.text().nullable(),
    addressDigest: p.string().columnType('bytea').name('address_digest'),
    key: p.string().columnType('bytea').nullable(),
    status: p.text(),
    attempts: p.integer(),
    failureReason: p.text().name('failure_reason').nullable(),
    createdAt: instant().name('created_at'),
    changedAt: instant().name('changed_at'),
    retryAt: instant().name('retry_at').nullable(),
    expiresAt: instant().name('expires_at'),
  },
});
