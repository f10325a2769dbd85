import { describe, expect, test } from 'vitest';
import {
  afterCallback,
  afterCallbacks,
  type ProviderSaid,
  readDeliveryName,
  readMessageId,
} from '../../../src/deliver/decide/callback.ts';
import { maskedAddress, withoutAddresses } from '../../../src/deliver/decide/masked-address.ts';
import { refuseResend } from '../../../src/deliver/decide/resend.ts';
import { type DeliveryStatus, deliveryStatuses } from '../../../src/values/statuses.ts';

const delivered: ProviderSaid = { event: 'delivered' };
const bounced: ProviderSaid = { event: 'bounced', isLasting: true, reason: 'gone' };
const cameBack: ProviderSaid = { ...bounced, isLasting: false };

/** The status after a callback; null if it stays. */
const table: Record<DeliveryStatus, { delivered: string | null; bounced: string | null }> = {
  pending: { delivered: 'delivered', bounced: 'bounced' },
  sending: { delivered: 'delivered', bounced: 'bounced' },
  sent: { delivered: 'delivered', bounced: 'bounced' },
  unknown: { delivered: 'delivered', bounced: 'bounced' },
  delivered: { delivered: null, bounced: 'bounced' },
  failed: { delivered: 'delivered', bounced: 'bounced' },
  bounced: { delivered: null, bounced: null },
  skipped: { delivered: null, bounced: null },
};

const sent = { status: 'sent', attempts: 1 } as const;

describe('a provider callback', () => {
  test.each(deliveryStatuses)('changes a delivery that is %s as the table says', (status) => {
    const tried = { status, attempts: 1 };
    const reached = [delivered, bounced, cameBack].map((said) => afterCallback(tried, said));
    const wanted = table[status];
    expect(reached.map((each) => each?.status ?? null)).toEqual([
      wanted.delivered,
      wanted.bounced,
      wanted.bounced,
    ]);
    expect(reached.map((each) => each?.isAddressDead ?? false)).toEqual([
      false,
      wanted.bounced !== null,
      false,
    ]);
  });

  test.each(deliveryStatuses)('changes nothing of a delivery that is %s without an attempt', (status) => {
    const reached = [delivered, bounced].map((said) => afterCallback({ status, attempts: 0 }, said));
    expect(reached).toEqual([null, null]);
  });

  test.each([
    [[], null],
    [[delivered, bounced], 'bounced'],
    [[bounced, delivered], 'bounced'],
    [[delivered, delivered], 'delivered'],
  ])('in the sequence %j makes a sent delivery %s', (said, status) => {
    expect(afterCallbacks(sent, said)?.status ?? null).toBe(status);
  });

  test('keeps the reason of a bounce', () => {
    expect(afterCallback(sent, bounced)?.reason).toBe('gone');
    expect(afterCallback(sent, delivered)?.reason).toBeNull();
  });
});

const tenantId = '01a20366-d534-7ad4-baa5-cf2d9295768f';
const deliveryId = '01a20366-d557-72d4-9115-206e1bc29d65';
const name = { tenantId, deliveryId };

test.each([
  [`${tenantId}.${deliveryId}`, name],
  [`${tenantId}.${deliveryId}`.toUpperCase(), name],
  [`${tenantId}.${deliveryId}.`, null],
  [` ${tenantId}.${deliveryId}`, null],
  [`${tenantId}${deliveryId}`, null],
  [deliveryId, null],
  ['', null],
])('the delivery name "%s" is read as %o', (text, wanted) => {
  expect(readDeliveryName(text)).toEqual(wanted);
});

test.each([
  [`<${tenantId}.${deliveryId}@example.com>`, name],
  [` ${tenantId}.${deliveryId}@example.com `, name],
  [`<${tenantId}.${deliveryId}>`, null],
  [`<x${tenantId}.${deliveryId}@example.com>`, null],
  [`<${tenantId}.${deliveryId}@a@b>`, null],
  ['', null],
])('the Message-ID "%s" is read as %o', (text, wanted) => {
  expect(readMessageId(text)).toEqual(wanted);
});

test.each([
  ['email', 'anna@example.com', 'a***@example.com'],
  ['email', 'ä@b.example', 'ä***@b.example'],
  ['sms', '+4915112345678', '+49•••••678'],
  ['sms', '+1234567', '+12•••••567'],
] as const)('the %s address %s is masked as %s', (channel, address, masked) => {
  expect(maskedAddress(channel, address)).toBe(masked);
});

test.each([
  ['550 5.1.1 <anna@example.com>: no such user', '550 5.1.1 <***>: no such user'],
  ['mailto:anna@example.com is full', 'mailto:*** is full'],
  ['+49 (151) 123-45678 is off', '*** is off'],
  ['smtp_550', 'smtp_550'],
  ['twilio_30006', 'twilio_30006'],
])('the reason "%s" without addresses is "%s"', (text, wanted) => {
  expect(withoutAddresses(text)).toBe(wanted);
});

test.each<[DeliveryStatus, Parameters<typeof refuseResend>[1], string | null]>([
  ['failed', null, null],
  ['unknown', null, null],
  ['bounced', 'bounced', null],
  ['skipped', 'bounced', null],
  ['skipped', 'not_configured', 'not_configured'],
  ['failed', 'opted_out', 'opted_out'],
  ['bounced', 'no_address', 'no_address'],
  ['pending', null, 'pending'],
  ['sending', 'opted_out', 'sending'],
  ['sent', null, 'sent'],
  ['delivered', null, 'delivered'],
])('a resend of a delivery that is %s, with skip reason %s, has the refusal %s', (status, skip, refused) => {
  expect(refuseResend(status, skip)).toBe(refused);
});
