/**
 * The catalogue: the words of every message and page, one file a language. A person reads the language that fits their
 * locale best, and else English. Figures follow the locale itself.
 */
import type { InLocale } from '../display.ts';
import { remember } from '../remember.ts';
import { english } from './en.ts';
import { type Argument, compileMessage, type Formatter } from './message.ts';

export type MessageKey = keyof typeof english.messages;

/** `direction`: of its script. `checkedByNativeReader`: whether one has read all of it. */
export type Catalogue = {
  language: string;
  direction: 'ltr' | 'rtl';
  checkedByNativeReader: boolean;
  messages: Readonly<Record<MessageKey, string>>;
};

const catalogues: readonly Catalogue[] = [english];

/** The name at the beginning of a text: it ends at a space or a brace. */
type NameAt<Text extends string> = Text extends `${infer Name} ${string}`
  ? NameAt<Name>
  : Text extends `${infer Name}}${string}`
    ? NameAt<Name>
    : Text;
type Names<Source extends string> = Source extends `${string}$${infer Rest}`
  ? NameAt<Rest> | Names<Rest>
  : never;
/** The arguments of a message: every one, and no other. */
type Arguments<Key extends MessageKey> = Readonly<Record<Names<(typeof english.messages)[Key]>, Argument>>;

type Given<Key extends MessageKey> = [Names<(typeof english.messages)[Key]>] extends [never]
  ? []
  : [Arguments<Key>];

/** The message in the reader's language. A number is a count; texts are shown as they are. */
export const say = <Key extends MessageKey>({ locale }: InLocale, key: Key, ...[given]: Given<Key>): string =>
  compiled(catalogueFor(locale).language, key)(locale, given ?? {});

/** The catalogue of the closest language: the tag itself, or without its last parts (RFC 4647, lookup). */
export function catalogueFor(locale: string, among: readonly Catalogue[] = catalogues): Catalogue {
  const tag = locale.toLowerCase();
  const found = among.filter(({ language }) => `${tag}-`.startsWith(`${language.toLowerCase()}-`));
  return found.toSorted((one, other) => other.language.length - one.language.length)[0] ?? english;
}

const compiled: (language: string, key: string) => Formatter = remember(Infinity, (language, key) => {
  // Only keys of `MessageKey` come here.
  return compileMessage(language, catalogueFor(language).messages[key as MessageKey]);
});
