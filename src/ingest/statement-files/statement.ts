/** Opens a statement file: finds its encoding, its separator, its header and its columns. */
import { columnIndex, type Columns, findColumns, StatementError } from './columns.ts';
import { findLayout, type Layout } from './dialect/layout.ts';
import type { StatementOptions } from './options.ts';
import { type FileRecord, readEncoding, readRecords } from './read-file.ts';

export type Statement = {
  file: string;
  options: StatementOptions;
  layout: Layout;
  columns: Columns;
  /** Indexes of the columns of `options.key`. */
  key: readonly number[] | null;
};

/** Throws `StatementError` if the file cannot be read or lacks a column. The message says what to do. */
export async function openStatement(file: string, options: StatementOptions): Promise<Statement> {
  const encoding = await readEncoding(file, options.encoding);
  const layout = await findLayout(file, encoding, options);
  const given = {
    ...(options.user !== undefined && { user: options.user }),
    ...(options.category !== undefined && { category: options.category }),
  };
  const columns = findColumns(layout.header, options.map, given);
  return { file, options, layout, columns, key: findKey(layout.header, options.key) };
}

function findKey(header: readonly string[], names: readonly string[] | undefined): number[] | null {
  if (!names) return null;
  return names.map((name) => {
    const index = columnIndex(header, name);
    if (index >= 0) return index;
    throw new StatementError(`--key: the file has no column "${name}"; its columns: ${header.join(', ')}`);
  });
}

/** Every record of the file that may be a row, in file order. */
export async function* readRows({ file, layout }: Statement): AsyncGenerator<FileRecord> {
  for await (const each of readRecords(file, layout)) if (each.line >= layout.rowsFrom) yield each;
}
