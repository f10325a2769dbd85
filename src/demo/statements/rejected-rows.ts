/** Reports the rows of a statement that could not be used, with the reasons, and writes them to a file. */
import path from 'node:path';
import { makeDataFolder } from '../../runtime/config/data-folder.ts';
import {
  csvLine,
  RejectedFile,
  rejectedName,
  type RejectedRow,
} from '../../ingest/statement-files/rejected-file.ts';
import { folderOf } from '../demo-service.ts';
import type { StatementReplay } from './statement-replay.ts';

const shownOfEach = 3;

/** Returns the lines of the report. */
export async function reportRejected(statement: StatementReplay, file: string): Promise<string[]> {
  const { rejected, header, later, replay } = statement;
  const count = rejected.length.toLocaleString('en');
  const lines =
    later > 0 ? [`${later.toLocaleString('en')} rows are dated after the live month: left out`] : [];
  if (rejected.length === 0) return lines;
  const target = path.join(folderOf(replay), rejectedName(path.basename(file)));
  await makeDataFolder(path.dirname(target));
  await using rows = await RejectedFile.open(target, header);
  for (const row of rejected) await rows.add(row);
  await rows.close();
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
