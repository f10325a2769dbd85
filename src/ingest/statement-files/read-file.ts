/**
 * Reads a statement file as a stream, so its size does not matter: bytes, text, records. It knows nothing of
 * what the columns mean.
 */
import { createReadStream, type ReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { findEncoding, markedEncoding } from './dialect/encoding.ts';
import { StatementError } from './columns.ts';

export type FileRecord = {
  record: string[];
  /** The line where the record begins. The first line is line 1. */
  line: number;
  /** Bytes of the file on disk that had been read so far. */
  bytesRead: number;
};

/** How text is cut into cells. */
export type Cut = { encoding: string; delimiter: string; quote: string };

/** Throws `StatementError` if the file cannot be read, or is plainly no text. */
export async function readEncoding(file: string, said: string | undefined): Promise<string> {
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw new StatementError(`cannot read ${file}: name a CSV file, or one packed with gzip (.csv.gz)`, {
      cause: error,
    });
  });
  const start = await readStart(file);
  const other = otherFormats.find(([pattern]) => pattern.test(Buffer.from(start).toString('latin1')));
  if (other) throw new StatementError(`${file} is no CSV file but ${other[1]}`);
  const marked = markedEncoding(start);
  // A byte order mark says which of the two an UTF-16 file is.
  if (said !== undefined) return marked !== null && /^utf-?16/i.test(said) ? marked : knownEncoding(said);
  try {
    return await findEncoding(openBytes(file).bytes, file);
  } catch (error) {
    throw readable(file, error);
  }
}

function knownEncoding(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch (cause) {
    const examples = 'utf-8, utf-16, windows-1252, iso-8859-2, shift_jis, gb18030';
    throw new StatementError(`--encoding: "${label}" is no encoding that is known, like ${examples}`, {
      cause,
    });
  }
}

const otherFormats: readonly [RegExp, string][] = [
  [/^PK\P{L}{2}/u, 'a spreadsheet or archive (zip): save the sheet as CSV'],
  [/^\u00d0\u00cf.\u00e0/, 'an old spreadsheet (xls): save the sheet as CSV'],
  [/^%PDF/, 'a PDF: ask the bank for CSV'],
  [
    /^(?:\u00ef\u00bb\u00bf)?\s*(?:<\?xml|<OFX|OFXHEADER:|<!DOCTYPE|<html)/i,
    'XML, OFX or HTML: ask the bank for CSV',
  ],
];

async function readStart(file: string): Promise<Uint8Array> {
  try {
    for await (const chunk of openBytes(file).bytes) return chunk;
  } catch (error) {
    throw readable(file, error);
  }
  return new Uint8Array();
}

/** The bytes of the file, unpacked. A reader that stops early ends every stream, whatever is under way. */
function openBytes(file: string): { source: ReadStream; bytes: AsyncIterable<Uint8Array> } {
  const source = createReadStream(file);
  return { source, bytes: file.endsWith('.gz') ? pipeline(source, createGunzip(), reported) : source };
}

/** Errors of a pipeline reach those who read from its end. */
const reported = (): void => {};

/** The parser's output with the option `info`. */
type Parsed = { record: string[]; info: { lines: number } };

const lenient = {
  bom: true,
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
  // A file may mix them.
  record_delimiter: ['\r\n', '\n', '\r'],
};

/** Every record of the file, in file order. Throws `StatementError` if the file is not as `cut` says. */
export async function* readRecords(file: string, cut: Cut): AsyncGenerator<FileRecord> {
  const { source, bytes } = openBytes(file);
  const { encoding, delimiter, quote } = cut;
  const parser = parse({ ...lenient, delimiter, quote, info: true });
  const records = pipeline(Readable.from(decode(bytes, encoding)), parser, reported);
  // The parser counts a line break of two signs twice where it stands in quotes.
  let countedTwice = 0;
  try {
    for await (const parsed of records) {
      // The parser's shape with these options.
      const { record, info } = parsed as Parsed;
      const line = info.lines - countedTwice - countIn(record, /[\r\n]/g);
      countedTwice += countIn(record, /\r\n/g);
      yield { record, line, bytesRead: source.bytesRead };
    }
  } catch (error) {
    throw readable(file, error, cut);
  }
}

async function* decode(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The parser reports the line where a record ends. Its line breaks lead to where it begins. */
const countIn = (record: readonly string[], breaks: RegExp): number =>
  record.reduce((count, value) => count + (value.match(breaks)?.length ?? 0), 0);

function readable(file: string, error: unknown, cut?: Cut): unknown {
  if (error instanceof CsvError) return new StatementError(`${file} is not CSV: ${error.message}`);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof Error && code.startsWith('Z_'))
    return new StatementError(`${file} is not a whole gzip file: ${error.message}`);
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return new StatementError(`${file} is not ${cut?.encoding ?? 'UTF-8'}: name another --encoding`);
  return code === 'EISDIR' ? new StatementError(`${file} is a folder: name a CSV file`) : error;
}
