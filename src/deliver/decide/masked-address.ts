/** Addresses as they may be shown: enough for their owner to know them, too little for anybody else. */

/** `a***@example.com`; of a phone number `+49•••••678`. */
export function maskedAddress(channel: 'email' | 'sms', address: string): string {
  if (channel === 'sms') return `${address.slice(0, 3)}•••••${address.slice(-3)}`;
  const [first = ''] = address;
  return `${first}***${address.slice(address.lastIndexOf('@'))}`;
}

const mailAddress = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g;
const phoneNumber = /\+?\d(?:[ ()./-]{0,2}\d){6,}/g;

/** Providers quote the address in their reasons, which are kept and shown. */
export const withoutAddresses = (text: string): string =>
  text.replaceAll(mailAddress, '***').replaceAll(phoneNumber, '***');
