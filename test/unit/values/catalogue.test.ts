import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseMessage, validate } from 'messageformat';
import { describe, expect, test } from 'vitest';
import { type Catalogue, catalogueFor, say } from '../../../src/values/catalogue/catalogue.ts';
import { english } from '../../../src/values/catalogue/en.ts';
import { compileMessage } from '../../../src/values/catalogue/message.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const messages = Object.entries(english.messages);

/** The arguments of a message and whether each is a count. */
function argumentsOf(source: string): Map<string, 'count' | 'text'> {
  const { variables, functions } = validate(parseMessage(source));
  expect([...functions].filter((name) => name !== 'count' && name !== 'string')).toEqual([]);
  return new Map(
    [...variables].map((name) => [name, source.includes(`{$${name} :count}`) ? 'count' : 'text']),
  );
}

const sample = (source: string, count: number): Record<string, string | number> =>
  Object.fromEntries(
    [...argumentsOf(source)].map(([name, kind]) => [name, kind === 'count' ? count : `<${name}>`]),
  );

describe('the English catalogue', () => {
  test.each(messages)('can show %s with all its arguments, and not without one', (_key, source) => {
    const shown = compileMessage('en', source);
    for (const count of [0, 1, 2, 1000]) {
      const given = sample(source, count);
      const text = shown('en', given);
      expect(text).not.toMatch(/[{}$]|undefined|\s{2}/);
      expect(text.trim()).toBe(text);
      // The forms of a message need not all show the same.
      for (const name of Object.keys(given).filter(
        (each) => typeof given[each] === 'number' || text.includes(`<${each}>`),
      )) {
        const { [name]: _left, ...others } = given;
        expect(() => shown('en', others)).toThrow(/Variable not available|bad-operand|count/i);
      }
    }
  });

  test('has no message that nothing says', () => {
    const source = ['src', 'workers', 'jobs']
      .flatMap((folder) =>
        readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
          path.join(root, folder, file),
        ),
      )
      .filter((file) => file.endsWith('.ts') && !file.endsWith('en.ts'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    expect(messages.map(([key]) => key).filter((key) => !source.includes(`'${key}'`))).toEqual([]);
  });
});

describe('the choice of a language', () => {
  const catalogue = (language: string): Catalogue => ({ ...english, language });
  const among = ['en', 'pt', 'pt-BR', 'zh-Hant'].map(catalogue);

  test.each([
    ['pt-PT', 'pt'],
    ['pt-br', 'pt-BR'],
    ['pt-BR-u-nu-latn', 'pt-BR'],
    ['zh-Hant-TW', 'zh-Hant'],
    ['zh', 'en'],
    ['ptx', 'en'],
    ['de-DE', 'en'],
    ['', 'en'],
  ])('for the locale %j is %s', (locale, language) => {
    expect(catalogueFor(locale, among).language).toBe(language);
  });
});

describe('a message', () => {
  test.each([
    ['en', 1, '1 expense'],
    ['de-DE', 2000, '2.000 expenses'],
    ['ar-EG', 1, '١ expense'],
  ])('has the plural of its language and the figures of the locale %s', (locale, count, text) => {
    expect(say({ locale }, 'summary.expenses', { count })).toBe(text);
  });

  test('may have as many plural forms as its language', () => {
    const polish = compileMessage(
      'pl',
      '.input {$count :count} .match $count 0 {{nic}} one {{{$count} dzień}} few {{{$count} dni}} many {{{$count} dni!}} * {{{$count} dnia}}',
    );
    expect([0, 1, 3, 5].map((count) => polish('pl', { count }))).toEqual([
      'nic',
      '1 dzień',
      '3 dni',
      '5 dni!',
    ]);
  });

  test('shows what looks like a placeholder as it is', () => {
    expect(say({ locale: 'en' }, 'text.labelled', { label: '{$text}', text: '{{x}} |' })).toBe(
      '{$text}: {{x}} |',
    );
  });

  test('that cannot be read is refused when it is compiled', () => {
    expect(() => compileMessage('en', '{$name')).toThrow('Missing');
  });
});
