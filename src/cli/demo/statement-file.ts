/** Reads a statement file as a stream, whatever its size: its header, its records, the currency it is in. */
import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { compose } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { isCurrency } from '../../domain/money.ts';
import { type Columns, type ColumnMap, findColumns, StatementError, valueOf } from './statement.ts';

/** Throws `StatementError` where the file cannot be read or its header lacks a column. */
export async function readColumns(file: string, named: ColumnMap): Promise<Columns> {
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw new StatementError(`cannot read ${file}: name a CSV file, or one packed with gzip (.csv.gz)`, {
      cause: error,
    });
  });
  for await (const header of records(file)) return findColumns(header, named);
  throw new StatementError(`${file} is empty: its first line must name the columns`);
}

/** Every record after the header, in file order. */
export async function* readRecords(file: string): AsyncGenerator<string[]> {
  let isHeader = true;
  for await (const record of records(file)) {
    if (!isHeader) yield record;
    isHeader = false;
  }
}

async function* records(file: string): AsyncGenerator<string[]> {
  const lenient = { bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true };
  const source = createReadStream(file);
  const parser = parse(lenient);
  const stream = file.endsWith('.gz') ? compose(source, createGunzip(), parser) : compose(source, parser);
  try {
    // The parser's records are arrays of text: no option asks for anything else.
    for await (const record of stream) yield record as string[];
  } catch (error) {
    throw readable(file, error);
  } finally {
    stream.destroy();
  }
}

function readable(file: string, error: unknown): unknown {
  if (error instanceof CsvError) return new StatementError(`${file} is not CSV: ${error.message}`);
  const isPacked = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
  return isPacked ? new StatementError(`${file} is not a whole gzip file: ${error.message}`) : error;
}

/** The currency most rows are in, the first of equals; null where the file names none. */
export async function mostUsedCurrency(file: string, columns: Columns): Promise<string | null> {
  const counts = new Map<string, number>();
  for await (const record of readRecords(file)) {
    const code = valueOf(columns, record, 'currency');
    if (isCurrency(code)) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  return first?.[0] ?? null;
}
