/** The pages of a confirmation link. They do not show the address, as whoever opens the link may be a stranger. */
import type { AddressChannel } from '../../values/channels.ts';
import { renderPage } from '../page.ts';

const names: Record<AddressChannel, { name: string; sent: string }> = {
  email: { name: 'email address', sent: 'by email' },
  sms: { name: 'phone number', sent: 'by text message' },
};

/** The page with a button, while the address waits. */
export function askToConfirmPage(channel: AddressChannel): string {
  const { name, sent } = names[channel];
  return renderPage({
    title: `Confirm your ${name}?`,
    text: `Alerts about your spending will then come to you ${sent}. If you did not expect this, close the page: the ${name} is not used.`,
    button: `Confirm ${name}`,
  });
}

export function confirmedPage(channel: AddressChannel): string {
  const { name, sent } = names[channel];
  return renderPage({
    title: `Your ${name} is confirmed`,
    text: `Alerts about your spending now come to you ${sent}. You can close this page.`,
  });
}

export const unknownConfirmationPage = (): string =>
  renderPage({
    title: 'This link does not work',
    text: 'If you have confirmed already, there is nothing left to do. A link works once, for seven days, and only the newest one does. Open the one in the newest message, or enter your address again in the app that asked for it.',
  });
