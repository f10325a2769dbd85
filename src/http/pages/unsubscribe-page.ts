/**
 * The pages of an unsubscribe link. They name the tenant, and nothing of the person or their budgets. Another person who
 * opens the link learns only that it was sent.
 */
import type { StopState } from '../../notify/decide/message-stop.ts';
import { say } from '../../values/catalogue/catalogue.ts';
import type { InLocale } from '../../values/display.ts';
import { defaultLocale } from '../../values/locale.ts';
import { type Button, type Page, renderPage } from './page.ts';

/** The form field that says which button was pressed. Mail programs post `List-Unsubscribe` instead. */
export const choiceField = 'choice';

/** What the link can still do, and what it has done. `from`: the tenant's name. */
export const stopPage = (state: StopState, from: string, reader: InLocale): string =>
  renderPage({ from, ...pageOf(state, reader) }, reader);

function pageOf(state: StopState, reader: InLocale): Page {
  const { channel, subject } = state;
  switch (state.state) {
    case 'on':
      return {
        title: say(reader, 'stop.ask', { subject, channel }),
        texts: [say(reader, 'stop.text', { subject })],
        buttons: [
          {
            label: say(reader, 'stop.button', { subject, channel }),
            field: { name: 'List-Unsubscribe', value: 'One-Click' },
          },
          ...fewerButton(state, reader),
          ...allButton(state, reader),
        ],
      };
    case 'fewer':
      return {
        title: say(reader, 'stop.fewerDone', { subject }),
        texts: [say(reader, 'stop.fewerText', { subject })],
        buttons: [
          ...undoButton(state, reader),
          ...(subject === 'daily_summary' ? [] : [stopButton(state, reader)]),
          ...allButton(state, reader),
        ],
      };
    case 'stopped':
      return {
        title: say(reader, 'stop.done', { subject, channel }),
        texts: [say(reader, 'stop.doneText', { subject })],
        buttons: [...undoButton(state, reader), ...allButton(state, reader)],
      };
    case 'all':
      return {
        title: say(reader, 'stop.done', { subject: 'channel', channel }),
        texts: [say(reader, 'stop.doneText', { subject: 'channel' })],
        buttons: undoButton(state, reader),
      };
  }
}

const choose = (label: string, value: string): Button => ({ label, field: { name: choiceField, value } });

const stopButton = ({ subject, channel }: StopState, reader: InLocale): Button =>
  choose(say(reader, 'stop.button', { subject, channel }), 'stop');

const fewerButton = ({ subject }: StopState, reader: InLocale): Button[] =>
  subject === 'channel' || subject === 'weekly_summary'
    ? []
    : [choose(say(reader, 'stop.fewer', { subject }), 'fewer')];

const allButton = ({ subject, channel }: StopState, reader: InLocale): Button[] =>
  subject === 'channel' ? [] : [choose(say(reader, 'stop.button', { subject: 'channel', channel }), 'all')];

const undoButton = ({ mayUndo }: StopState, reader: InLocale): Button[] =>
  mayUndo ? [choose(say(reader, 'stop.undo'), 'undo')] : [];

/** For a link that says neither whose it is nor in which language. */
export function brokenLinkPage(): string {
  const stranger = { locale: defaultLocale };
  const title = say(stranger, 'link.brokenTitle');
  return renderPage({ title, texts: [say(stranger, 'link.broken')] }, stranger);
}
