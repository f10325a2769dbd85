/** Says which rows of a statement could not be used and why, and writes them all to a file. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { folderOf } from './demo-service.ts';
import type { RejectedRow, StatementReplay } from './statement-replay.ts';

const shownOfEach = 3;

/** Answers the lines that tell of it. */
export async function reportRejected(statement: StatementReplay, file: string): Promise<string[]> {
  const { rejected, header, later, replay } = statement;
  const count = rejected.length.toLocaleString('en');
  const lines =
    later > 0 ? [`${later.toLocaleString('en')} rows are dated after the live month: left out`] : [];
  if (rejected.length === 0) return lines;
  const name = `${path.basename(file).replace(/\.csv(\.gz)?$/i, '')}.rejected.csv`;
  const target = path.join(folderOf(replay), name);
  await mkdir(path.dirname(target), { recursive: true });
  await pipeline(Readable.from(csvLines(header, rejected)), createWriteStream(target));
  const reasons = Map.groupBy(rejected, ({ reason }) => reason);
  for (const [reason, rows] of reasons) lines.push(...reasonLines(reason, rows));
  return [...lines, `${count} rows could not be used: all of them, with the reason, in ${target}`];
}

function reasonLines(reason: string, rows: readonly RejectedRow[]): string[] {
  const shown = rows.slice(0, shownOfEach).map(({ record }) => `    ${csvLine(record)}`);
  const others = rows.length - shown.length;
  const more = others > 0 ? [`    … and ${others.toLocaleString('en')} more`] : [];
  return [`  ${reason}: ${rows.length.toLocaleString('en')}`, ...shown, ...more];
}

function* csvLines(header: readonly string[], rejected: readonly RejectedRow[]): Generator<string> {
  yield `${csvLine([...header, 'reason'])}\n`;
  for (const { record, reason } of rejected) yield `${csvLine([...record, reason])}\n`;
}

/** https://www.rfc-editor.org/rfc/rfc4180 */
const csvLine = (values: readonly string[]): string =>
  values.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',');
