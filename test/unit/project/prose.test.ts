/** The documents read easily: subjects come first, and few sentences are long. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { listDocuments } from '../../support/checks/documents.ts';
import { mostWords, readProse, type Sentence, share } from '../../support/checks/prose.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const mostInverted = 0.01;
const mostLong = 0.05;

describe.each(listDocuments(root))('%s', (document) => {
  const prose = readProse(readFileSync(path.join(root, document), 'utf8'));

  /** Every one of them where they are more than the share allowed, else none. */
  const excess = (found: readonly Sentence[], allowed: number): string[] =>
    share(found, prose) > allowed ? found.map(({ line, text }) => `${document}:${line}: ${text}`) : [];

  test('has sentences to read', () => {
    expect(prose.sentences.length).toBeGreaterThan(0);
  });

  test('begins hardly any sentence with what, who, whom, whose or of', () => {
    expect(excess(prose.inverted, mostInverted)).toEqual([]);
  });

  test(`has few sentences of more than ${mostWords} words`, () => {
    expect(excess(prose.long, mostLong)).toEqual([]);
  });
});

describe('the reader of prose', () => {
  const texts = (markdown: string): string[] => readProse(markdown).sentences.map(({ text }) => text);

  test.each<{ it: string; markdown: string; reads: string[] }>([
    {
      it: 'splits a paragraph',
      markdown: 'A rule opens. It\ncloses! Is it\nover?',
      reads: ['A rule opens.', 'It closes!', 'Is it over?'],
    },
    {
      it: 'splits behind brackets and before emphasis',
      markdown: '(It opens.) **Then it** closes.',
      reads: ['(It opens.)', '**Then it** closes.'],
    },
    {
      it: 'splits before code',
      markdown: 'It opens. `web` listens.',
      reads: ['It opens.', '`web` listens.'],
    },
    {
      it: 'splits at no abbreviation, number or mark in code',
      markdown: 'See e.g. the 0.5 % of `a. B` here.',
      reads: ['See e.g. the 0.5 % of `a. B` here.'],
    },
    {
      it: 'splits at no colon or semicolon',
      markdown: 'One thing: Two things; Three things.',
      reads: ['One thing: Two things; Three things.'],
    },
    {
      it: 'takes each item of a list by itself',
      markdown: 'Do this:\n- open it\n- close it\n  again\n1. end it',
      reads: ['Do this:', 'open it', 'close it again', 'end it'],
    },
    {
      it: 'takes the cells of a table that have four words',
      markdown: '| a | what it does |\n|---|---|\n| x y z | it opens the door. It shuts |',
      reads: ['it opens the door.', 'It shuts'],
    },
    {
      it: 'takes a cell of code and words',
      markdown: '| `a` \\| `b` | is `c` or `d` |\n',
      reads: ['is `c` or `d`'],
    },
    {
      it: 'leaves out code blocks',
      markdown: 'Run it:\n```sh\nWhat is this. Who is that.\n```\nIt runs.',
      reads: ['Run it:', 'It runs.'],
    },
    {
      it: 'leaves out a code block in a list',
      markdown: '- run it:\n  ```sh\n  What is this\n  ```\n- end it',
      reads: ['run it:', 'end it'],
    },
    {
      it: 'leaves out headings and comments',
      markdown: '# What it is\n<!-- Who reads this -->\nIt runs.',
      reads: ['It runs.'],
    },
    {
      it: 'leaves out the targets of links',
      markdown: 'See [the guide](docs/what.md "Of it") and [more][of].\n\n[of]: docs/of.md',
      reads: ['See the guide and more.'],
    },
    {
      it: 'leaves out pictures and single words',
      markdown: '![What it is](it.png)\n\n**Limits.** It has some.',
      reads: ['It has some.'],
    },
    { it: 'reads quotations', markdown: '> It opens.\n> It closes.', reads: ['It opens.', 'It closes.'] },
  ])('$it', ({ markdown, reads }) => {
    expect(texts(markdown)).toEqual(reads);
  });

  test.each([
    'What was lost is found.',
    'who overspent hears it',
    '**Whom it hit** is unknown.',
    '- Whose rule it is counts.',
    '(Of a day alone it says nothing.)',
    '| name | what a person is told |',
    '“What” is a word.',
  ])('calls “%s” inverted', (markdown) => {
    const { inverted, sentences } = readProse(markdown);
    expect(inverted).toEqual(sentences);
    expect(inverted).toHaveLength(1);
  });

  test.each([
    'It says what was lost.',
    'Whatever comes is kept.',
    'Offers are kept.',
    '`what` is a word.',
    'Whole weeks count.',
  ])('calls “%s” plain', (markdown) => {
    expect(readProse(markdown)).toMatchObject({ sentences: [{}], inverted: [] });
  });

  test.each([
    { words: 30, isLong: false },
    { words: 31, isLong: true },
  ])('calls a sentence of $words words long: $isLong', ({ words, isLong }) => {
    const sentence = `It runs – \`node a b c\` ${Array.from({ length: words - 3 }, () => 'on').join(' ')}.`;
    expect(readProse(sentence).long).toHaveLength(isLong ? 1 : 0);
  });

  test('says where a sentence stands and which share it is of', () => {
    const prose = readProse('# A\n```sh\nnpm ci\n```\n\nIt opens.\nWhat opened is open. It stays. It is.');
    expect(prose.inverted).toEqual([{ line: 6, text: 'What opened is open.' }]);
    expect(share(prose.inverted, prose)).toBe(0.25);
    expect(share([], readProse(''))).toBe(0);
  });
});
