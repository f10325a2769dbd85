/**
 * The pages of an unsubscribe link. Their texts are fixed and contain nothing of the request or the person.
 * Another person who opens the link learns only that it was sent.
 */
import { createHash } from 'node:crypto';
import type { InterruptingChannel } from '../../values/channels.ts';

/** `button` is the label of a button that posts to the page's own address. */
type Page = { title: string; text: string; button?: string };

const channelTexts: Record<InterruptingChannel, { name: string; sent: string }> = {
  email: { name: 'email notifications', sent: 'no more email' },
  sms: { name: 'text messages', sent: 'no more text messages' },
  push: { name: 'push notifications', sent: 'no more push notifications' },
};

const style = `
  :root { color-scheme: light dark; }
  body { margin: 0; font: 1.0625rem/1.6 system-ui, sans-serif; color: light-dark(#1b2430, #e6eaf0);
    background: light-dark(#f4f6f8, #11161d); }
  main { box-sizing: border-box; width: min(34rem, 100% - 2rem); margin: 12vh auto 2rem; padding: 2rem;
    border: 1px solid light-dark(#d9dfe6, #2b3440); border-radius: 0.75rem;
    background: light-dark(#ffffff, #1a212a); }
  .from { margin: 0; font-size: 0.9375rem; color: light-dark(#566171, #9aa7b6); }
  h1 { margin: 0.25rem 0 0.75rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
  p { margin: 0; text-wrap: pretty; }
  button { margin-top: 1.5rem; padding: 0.625rem 1.25rem; border: 0; border-radius: 0.5rem; font: inherit;
    font-weight: 600; color: #ffffff; background: #1d5fc4; cursor: pointer; }
  button:hover { background: #184fa4; }
  button:focus-visible { outline: 3px solid light-dark(#1b2430, #e6eaf0); outline-offset: 2px; }
  @media (max-width: 30rem) { main { margin-top: 1rem; padding: 1.5rem; } button { width: 100%; } }
`;

/** The value of `content-security-policy`. It allows this style and a form to the same origin only. */
export const unsubscribePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** The page with a button, while the channel is on. */
export function askPage(channel: InterruptingChannel): string {
  const { name, sent } = channelTexts[channel];
  return render({
    title: `Stop ${name}?`,
    text: `Spendwatch will send you ${sent}. In the app you can still find everything.`,
    button: `Stop ${name}`,
  });
}

/** The page after the channel was switched off. */
export function offPage(channel: InterruptingChannel): string {
  const { name, sent } = channelTexts[channel];
  return render({
    title: `You will get ${sent}`,
    text: `What is on its way already may still arrive. In the app you can still find everything, and switch ${name} on again in your preferences.`,
  });
}

export const unknownLinkPage = (): string =>
  render({
    title: 'This link does not work',
    text: 'It may have been cut short on its way. Open it from the message once more, or change your preferences in the app.',
  });

const render = ({ title, text, button }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Spendwatch</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="from">Spendwatch</p>
<h1>${title}</h1>
<p>${text}</p>
${button ? `<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>${button}</button></form>` : ''}
</main>
</body>
</html>
`;
