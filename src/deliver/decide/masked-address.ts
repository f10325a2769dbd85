/** Masks addresses: their owner recognises them, and nobody else can use them. */

/** `a***@example.com`, or `+49•••••678` for a phone number. */
export function maskedAddress(channel: 'email' | 'sms', address: string): string {
  if (channel === 'sms') return `${address.slice(0, 3)}•••••${address.slice(-3)}`;
  const [first = ''] = address;
  return `${first}***${address.slice(address.lastIndexOf('@'))}`;
}

const mailAddress = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g;
const phoneNumber = /\+?\d(?:[ ()./-]{0,2}\d){6,}/g;

/** Removes addresses that providers quote in their reasons, because reasons are stored and shown. */
export const withoutAddresses = (text: string): string =>
  text.replaceAll(mailAddress, '***').replaceAll(phoneNumber, '***');
