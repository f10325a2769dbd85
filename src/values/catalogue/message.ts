/**
 * Compiles messages of Unicode MessageFormat 2 and formats them. A message is compiled once. Its function `:count` picks
 * the plural form by the message's language and shows the number as the reader's locale writes it.
 * https://www.unicode.org/reports/tr35/tr35-messageFormat.html
 */
import { MessageFormat } from 'messageformat';
import { numberIn } from '../display.ts';

/** A number is a count. A text is shown as it is, so figures are formatted before. */
export type Argument = string | number;

export type Formatter = (locale: string, given: Readonly<Record<string, Argument>>) => string;

class Count {
  readonly #locale: string;
  readonly value: number;

  constructor(locale: string, value: number) {
    this.#locale = locale;
    this.value = value;
  }

  toString(): string {
    return numberIn(this.#locale, this.value);
  }
}

/** `language`: a BCP 47 tag. Throws `SyntaxError` for a message that cannot be read; its formatter for a missing argument. */
export function compileMessage(language: string, source: string): Formatter {
  const plurals = new Intl.PluralRules(language);
  const count = (_context: unknown, _options: unknown, input: unknown) => {
    if (!(input instanceof Count)) throw new TypeError('a count must be a number');
    return {
      type: 'count' as const,
      selectKey: (keys: Set<string>) =>
        [String(input.value), plurals.select(input.value)].find((key) => keys.has(key)) ?? null,
      toString: () => input.toString(),
    };
  };
  const message = new MessageFormat<'count'>(language, source, {
    // Names are isolated before, and only where they are right to left: an SMS pays for every mark.
    bidiIsolation: 'none',
    functions: { count },
  });
  return (locale, given) =>
    message.format(
      Object.fromEntries(
        Object.entries(given).map(([name, value]) => [
          name,
          typeof value === 'number' ? new Count(locale, value) : value,
        ]),
      ),
      fail,
    );
}

function fail(error: unknown): never {
  throw error;
}
