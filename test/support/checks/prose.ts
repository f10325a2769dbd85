/**
 * Reads the sentences of a Markdown text and says which are hard to read: inverted ones and long ones. Pure.
 *
 * A sentence is told in two steps. First the text falls into blocks: a paragraph, a list item with its
 * continuation lines, or a table cell of four words or more. Code blocks, headings, comments, pictures and the
 * targets of links are left out; a code span counts as one word. Then a block falls into sentences: one ends
 * at `.`, `!` or `?` before white space and a capital, a digit or a code span, and where its block ends.
 * "e.g. this" and "0.5 %" therefore do not end one. A semicolon or colon never does. A single word, like a bold
 * "**Limits.**" in front, is no sentence.
 */
export type Sentence = {
  /** Where its block begins, counted from 1. */
  line: number;
  text: string;
};

type Prose = { sentences: Sentence[]; inverted: Sentence[]; long: Sentence[] };

export const mostWords = 30;
const leastWordsOfCell = 4;

export function readProse(markdown: string): Prose {
  const sentences = readSentences(markdown);
  return {
    sentences,
    inverted: sentences.filter(({ text }) => isInverted(text)),
    long: sentences.filter(({ text }) => countWords(text) > mostWords),
  };
}

/** 0 to 1; 0 for a text without sentences. */
export const share = (some: readonly Sentence[], { sentences }: Prose): number =>
  some.length / Math.max(sentences.length, 1);

function readSentences(markdown: string): Sentence[] {
  const spans: string[] = [];
  const restore = (text: string): string =>
    text.replaceAll(/\uE000(?<at>\d+)\uE001/g, (_, at: string) => spans[Number(at)] ?? '');
  return readBlocks(plainText(markdown, spans)).flatMap(({ line, text }) =>
    text
      .split(sentenceEnd)
      .filter((sentence) => countWords(sentence) > 1)
      .map((sentence) => ({ line, text: restore(sentence) })),
  );
}

/** Behind the mark stands what closes a quotation, a bracket or emphasis, and before the next word what opens one. */
const sentenceEnd = /(?<=[.!?][*_)\]"'”’]*)\s+(?=[*_([”"'“‘]*[\p{Lu}\p{N}\uE000])/u;

const isInverted = (sentence: string): boolean => /^[^\p{L}`]*(?:what|who|whom|whose|of)\b/iu.test(sentence);

const countWords = (sentence: string): number =>
  sentence
    .replaceAll(codeSpan, 'code')
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

const codeSpan = /(?<!`)(?<ticks>`+)(?!`)(?:(?!\n\s*\n)[\s\S])*?[^`]\k<ticks>(?!`)/g;

/** The same lines without what is no prose. Code spans are put by in `spans`, as no mark inside may end a sentence. */
function plainText(markdown: string, spans: string[]): string {
  const keepLines = (text: string): string => text.replaceAll(/[^\n]/g, '');
  return markdown
    .replaceAll(
      /^(?<indent>[ \t]*)(?<fence>`{3,}|~{3,})[\s\S]*?(?:^[ \t]*\k<fence>[`~]*[ \t]*$|$(?![\s\S]))/gm,
      keepLines,
    )
    .replaceAll(/<!--[\s\S]*?-->/g, keepLines)
    .replaceAll(codeSpan, (span) => `\uE000${spans.push(span.replaceAll(/\s+/g, ' ')) - 1}\uE001`)
    .replaceAll(/^#{1,6}\s.*$/gm, '')
    .replaceAll(/^\[[^\]]+\]:\s.*$/gm, '')
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replaceAll(/\[(?<label>[^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$<label>')
    .replaceAll(/<\/?[a-z][^>\n]*>/gi, '');
}

const listItem = /^\s*(?:[-*+]|\d+[.)])\s+/;
const tableRow = /^\s*\|/;

function readBlocks(text: string): Sentence[] {
  const blocks: Sentence[] = [];
  let open: Sentence | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^\s*>+\s?/, '');
    if (tableRow.test(line)) {
      open = null;
      blocks.push(...readCells(line).map((cell) => ({ line: index + 1, text: cell })));
    } else if (line.trim() === '') {
      open = null;
    } else if (open === null || listItem.test(line)) {
      open = { line: index + 1, text: line.replace(listItem, '').trim() };
      blocks.push(open);
    } else {
      open.text += ` ${line.trim()}`;
    }
  }
  return blocks;
}

const readCells = (row: string): string[] =>
  row
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())
    .filter((cell) => countWords(cell) >= leastWordsOfCell);
