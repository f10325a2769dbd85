/** Formats lists and sentences of phrases. */
import { catalogueFor, say } from '../../values/catalogue/catalogue.ts';
import type { InLocale } from '../../values/display.ts';
import { remember } from '../../values/remember.ts';

const lists = remember(
  100,
  (language: string) => new Intl.ListFormat(language, { type: 'unit', style: 'short' }),
);

const joined = (items: readonly string[], { locale }: InLocale): string =>
  lists(catalogueFor(locale).language).format(items);

/** Names the first `named` items: `Groceries at 103%, Fun at 81% and 2 more.` */
export function listOf(items: readonly string[], named: number, reader: InLocale): string {
  const rest = items.length - named;
  const list = joined(items.slice(0, named), reader);
  return say(reader, 'list.sentence', {
    list: rest > 0 ? say(reader, 'list.more', { list, count: rest }) : list,
  });
}

/** The phrases as one sentence, with a capital letter. */
export function asSentence(phrases: readonly string[], reader: InLocale): string {
  const list = joined(phrases, reader);
  return say(reader, 'list.sentence', {
    list: list.charAt(0).toLocaleUpperCase(catalogueFor(reader.locale).language) + list.slice(1),
  });
}

/** Sentences one after another. */
export const together = (sentences: readonly (string | null)[], reader: InLocale): string =>
  sentences
    .filter((each) => each !== null)
    .reduce(
      (first, second) => (first === '' ? second : say(reader, 'text.sentences', { first, second })),
      '',
    );
