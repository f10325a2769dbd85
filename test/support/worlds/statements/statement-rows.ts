/** Reads the rows of a small statement without a database. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { surveyStatement } from '../../../../src/ingest/statement-files/dialect/survey.ts';
import type { StatementOptions } from '../../../../src/ingest/statement-files/options.ts';
import { createRowReader } from '../../../../src/ingest/statement-files/read-row.ts';
import { openStatement, readRows } from '../../../../src/ingest/statement-files/statement.ts';

const options = { map: {}, user: 'u1', category: 'c' };
export type Read = { day: string; minor: number } | { reason: string };

/** Reads a file of a header and the rows. Throws the questions that are left, if there are any. */
export async function readStatementRows(
  text: string | Uint8Array,
  said: Partial<StatementOptions> = {},
): Promise<Read[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rows-'));
  try {
    const file = path.join(folder, 'F.csv');
    await writeFile(file, text);
    return await readFile(file, { ...options, ...said });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readFile(file: string, said: StatementOptions): Promise<Read[]> {
  const statement = await openStatement(file, said);
  const { columns, reading, questions } = await surveyStatement(statement, 'EUR');
  if (questions.length > 0) throw new Error(questions.join('; '));
  const readRow = createRowReader({
    columns,
    reading,
    currency: 'EUR',
    timeZone: 'UTC',
    foreign: true,
    given: { user: 'u1', category: 'c' },
  });
  const rows: Read[] = [];
  for await (const { record } of readRows(statement)) {
    const row = readRow(record);
    if (row.ok) rows.push({ day: row.row.day, minor: Number(row.row.amountMinor) });
    else rows.push({ reason: 'reason' in row ? row.reason : row.leftOut });
  }
  return rows;
}

/** The amounts of a file of these lines, in minor units, or why a row has none. */
export const readAmounts = async (
  rows: readonly string[],
  said: Partial<StatementOptions> = {},
): Promise<(number | string)[]> =>
  (await readStatementRows(rows.join('\n'), said)).map((row) => ('minor' in row ? row.minor : row.reason));
