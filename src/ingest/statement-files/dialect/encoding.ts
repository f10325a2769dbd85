/**
 * Finds the encoding of a file from all its bytes: a byte order mark, UTF-16 by its zero bytes, valid UTF-8. Else it
 * takes windows-1252, shift_jis or euc-jp, and only if the text makes sense in exactly one of them.
 */
import { StatementError } from '../columns.ts';

const marks: readonly [readonly number[], string][] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/** The encoding that the first bytes say, or null. */
export const markedEncoding = (start: Uint8Array): string | null =>
  marks.find(([bytes]) => bytes.every((byte, index) => start[index] === byte))?.[1] ?? null;

/** Lines beyond this many bytes no longer count for a guess. */
const maxEvidenceBytes = 1024 * 1024;

/** Throws `StatementError` if no encoding, or more than one, fits. `name` is for the message. */
export async function findEncoding(chunks: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const foreign = new ForeignLines();
  let isFirst = true;
  let isUtf8 = true;
  for await (const chunk of chunks) {
    const said = isFirst ? (markedEncoding(chunk) ?? zeroEncoding(chunk)) : null;
    if (said !== null) return said;
    isFirst = false;
    foreign.add(chunk);
    isUtf8 &&= isValid(() => decoder.decode(chunk, { stream: true }));
  }
  if (isUtf8 && isValid(() => decoder.decode())) return 'utf-8';
  foreign.end();
  return guess(foreign, name);
}

function isValid(decode: () => string): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Latin text in UTF-16 has a zero in every second byte. */
function zeroEncoding(start: Uint8Array): string | null {
  const zeros = [0, 0];
  for (const [index, byte] of start.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const many = start.length / 5;
  if (odd > many && even < many / 10) return 'utf-16le';
  return even > many && odd < many / 10 ? 'utf-16be' : null;
}

const [lineFeed, carriageReturn] = [0x0a, 0x0d];

/** The lines with bytes beyond ASCII. No encoding asked for here has a line break inside a character. */
class ForeignLines {
  #kept: Uint8Array[] = [];
  #bytes = 0;
  #line = 1;
  /** The end of the last chunk, which may stop within a character. */
  #rest: Uint8Array = new Uint8Array();
  first: number | null = null;

  add(chunk: Uint8Array): void {
    if (this.#bytes > maxEvidenceBytes) return;
    const bytes = Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (const [index, byte] of bytes.entries()) {
      if (byte !== lineFeed && byte !== carriageReturn) continue;
      this.#keep(bytes.subarray(from, index + 1));
      if (byte === lineFeed) this.#line += 1;
      from = index + 1;
    }
    this.#rest = bytes.subarray(from);
    if (this.#rest.length > maxEvidenceBytes) this.#keep(this.#rest);
  }

  /** After the last chunk. */
  end(): void {
    this.#keep(this.#rest);
  }

  #keep(line: Uint8Array): void {
    if (!line.some((byte) => byte > 0x7f)) return;
    this.first ??= this.#line;
    this.#kept.push(line);
    this.#bytes += line.length;
  }

  /** Null if the bytes are not valid. */
  read(encoding: string): string | null {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(Buffer.concat(this.#kept));
    } catch (error) {
      if (error instanceof TypeError) return null;
      throw error;
    }
  }
}

const guesses: readonly [string, (text: string) => boolean][] = [
  ['windows-1252', isWestern],
  ['shift_jis', isJapanese],
  ['euc-jp', isJapanese],
];

function guess(lines: ForeignLines, name: string): string {
  const fitting = guesses.filter(([encoding, makesSense]) => {
    const text = lines.read(encoding);
    return text !== null && makesSense(text);
  });
  const [only, another] = fitting;
  if (only && !another) return only[0];
  const fits = another ? ` It can be ${fitting.map(([encoding]) => encoding).join(' or ')}.` : '';
  throw new StatementError(
    `${name} is not UTF-8 (line ${lines.first ?? 1}).${fits} Say its encoding: --encoding windows-1252, or windows-1250, shift_jis, gb18030 and so on`,
  );
}

/** Letters with the same byte in the code pages of western and central Europe. */
const sharedLetters = 'ÁÂÄÇÉËÍÎÓÔÖÚÜßáâäçéëíîóôöúü';
/** Other letters of western languages. They stand for others in central Europe, but hardly for all of one line. */
const alphabets = ['àâæçéèêëîïôœùûüÿ', 'àèéìòóùî', 'áéíñóúüçàèòï', 'áâãàçéêíóôúü', 'æøåäöéüš', 'ïèêàûñ'].map(
  (letters) => new Set(letters + letters.toUpperCase() + sharedLetters),
);
const westernSigns = /[£€¥¢§°²³½¼¾–—‘’“”„…«»·´©®™¿¡ºª•×±\u{A0}]/u;
/** Signs where a letter should be: the text was written in another code page, or in UTF-8. */
const misplacedSign = /\p{L}[£¢¥§°¹³¿¾¼½…¯]\p{L}|[£¢¥]\p{L}{2}|[ÂÃ][\u{A0}-\u{BF}]|â€/u;

function isWestern(text: string): boolean {
  const foreign = [...new Set(text.match(/[^\p{ASCII}]/gu))];
  const letters = foreign.filter((sign) => /\p{L}/u.test(sign) && !'ºª'.includes(sign));
  if (!foreign.every((sign) => letters.includes(sign) || westernSigns.test(sign))) return false;
  if (misplacedSign.test(text)) return false;
  if (!alphabets.some((alphabet) => letters.every((letter) => alphabet.has(letter)))) return false;
  return (text.match(/\p{L}+/gu) ?? []).every(isLatinWord);
}

/** Words of other scripts would be foreign letters alone. */
function isLatinWord(word: string): boolean {
  const foreign = word.match(/[^\p{ASCII}]/gu)?.length ?? 0;
  return foreign <= Math.max(1, word.length - foreign);
}

const halfWidthKana = /[\u{FF61}-\u{FF9F}]/gu;
const japanese = /[\u{3000}-\u{30FF}\u{FF01}-\u{FF9F}\u{FFE0}-\u{FFE6}\p{Script=Han}\p{S}\p{P}]/gu;

/** Chinese and Korean text read as Japanese is mostly kana of half width. */
function isJapanese(text: string): boolean {
  const foreign = text.match(/[^\p{ASCII}]/gu) ?? [];
  const half = text.match(halfWidthKana)?.length ?? 0;
  const isAllJapanese = foreign.join('').replaceAll(japanese, '') === '';
  return isAllJapanese && half * 2 <= foreign.length && /[\u{3041}-\u{30FF}\u{FF66}-\u{FF9F}]/u.test(text);
}
