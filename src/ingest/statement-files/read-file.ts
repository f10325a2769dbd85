/**
 * Reads a statement file as a stream, so its size does not matter. It yields the header and the records with
 * their line numbers.
 */
import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { compose } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { type Columns, type ColumnMap, findColumns, StatementError } from './columns.ts';

export type FileRecord = {
  record: string[];
  /** The line where the record begins. The header is line 1. */
  line: number;
  /** Bytes of the file on disk that had been read so far. */
  bytesRead: number;
};

/** Throws `StatementError` if the file cannot be read or its header lacks a column. */
export async function readColumns(file: string, named: ColumnMap): Promise<Columns> {
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw new StatementError(`cannot read ${file}: name a CSV file, or one packed with gzip (.csv.gz)`, {
      cause: error,
    });
  });
  for await (const { record } of readAll(file)) return findColumns(record, named);
  throw new StatementError(`${file} is empty: its first line must name the columns`);
}

/** Every record after the header, in file order. */
export async function* readRecords(file: string): AsyncGenerator<FileRecord> {
  let isHeader = true;
  for await (const each of readAll(file)) {
    if (!isHeader) yield each;
    isHeader = false;
  }
}

/** The parser's output with the option `info`. */
type Parsed = { record: string[]; info: { lines: number } };

async function* readAll(file: string): AsyncGenerator<FileRecord> {
  const lenient = { bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true };
  const source = createReadStream(file);
  const parser = parse({ ...lenient, info: true });
  const stream = file.endsWith('.gz') ? compose(source, createGunzip(), parser) : compose(source, parser);
  try {
    for await (const parsed of stream) {
      // The parser's shape with these options.
      const { record, info } = parsed as Parsed;
      yield { record, line: info.lines - breaksIn(record), bytesRead: source.bytesRead };
    }
  } catch (error) {
    throw readable(file, error);
  } finally {
    stream.destroy();
  }
}

/** The parser reports the line where a record ends. These are its line breaks. */
const breaksIn = (record: readonly string[]): number =>
  record.reduce((count, value) => (value.includes('\n') ? count + value.split('\n').length - 1 : count), 0);

function readable(file: string, error: unknown): unknown {
  if (error instanceof CsvError) return new StatementError(`${file} is not CSV: ${error.message}`);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof Error && code.startsWith('Z_'))
    return new StatementError(`${file} is not a whole gzip file: ${error.message}`);
  return code === 'EISDIR' ? new StatementError(`${file} is a folder: name a CSV file`) : error;
}
