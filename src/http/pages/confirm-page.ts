/** The pages of a confirmation link. They do not show the address, as whoever opens the link may be a stranger. */
import { say } from '../../values/catalogue/catalogue.ts';
import type { AddressChannel } from '../../values/channels.ts';
import type { InLocale } from '../../values/display.ts';
import { defaultLocale } from '../../values/locale.ts';
import { renderPage } from './page.ts';

/** Whoever opens the link may be a stranger, whose locale nobody knows. */
const stranger: InLocale = { locale: defaultLocale };

/** The page with a button, while the address waits. */
export const askToConfirmPage = (channel: AddressChannel): string =>
  renderPage(
    {
      title: say(stranger, 'confirm.ask', { channel }),
      texts: [say(stranger, 'confirm.askText', { channel })],
      buttons: [{ label: say(stranger, 'confirm.button', { channel }) }],
    },
    stranger,
  );

export const confirmedPage = (channel: AddressChannel): string =>
  renderPage(
    {
      title: say(stranger, 'confirm.done', { channel }),
      texts: [say(stranger, 'confirm.doneText', { channel })],
    },
    stranger,
  );

export const unknownConfirmationPage = (): string =>
  renderPage(
    { title: say(stranger, 'link.brokenTitle'), texts: [say(stranger, 'confirm.broken')] },
    stranger,
  );
