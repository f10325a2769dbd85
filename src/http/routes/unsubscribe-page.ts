/**
 * The pages of an unsubscribe link. Their texts are fixed and contain nothing of the request or the person.
 * Another person who opens the link learns only that it was sent.
 */
import type { InterruptingChannel } from '../../values/channels.ts';
import { renderPage } from '../page.ts';

const channelTexts: Record<InterruptingChannel, { name: string; sent: string }> = {
  email: { name: 'email notifications', sent: 'no more email' },
  sms: { name: 'text messages', sent: 'no more text messages' },
  push: { name: 'push notifications', sent: 'no more push notifications' },
};

/** The page with a button, while the channel is on. */
export function askPage(channel: InterruptingChannel): string {
  const { name, sent } = channelTexts[channel];
  return renderPage({
    title: `Stop ${name}?`,
    text: `Spendwatch will send you ${sent}. In the app you can still find everything.`,
    button: `Stop ${name}`,
    field: { name: 'List-Unsubscribe', value: 'One-Click' },
  });
}

/** The page after the channel was switched off. */
export function offPage(channel: InterruptingChannel): string {
  const { name, sent } = channelTexts[channel];
  return renderPage({
    title: `You will get ${sent}`,
    text: `What is on its way already may still arrive. In the app you can still find everything, and switch ${name} on again in your preferences.`,
  });
}

export const unknownLinkPage = (): string =>
  renderPage({
    title: 'This link does not work',
    text: 'It may have been cut short on its way. Open it from the message once more, or change your preferences in the app.',
  });
