/** Finds the main currency of a statement file. */
import { isCurrency } from '../../values/money.ts';
import { type Columns, valueOf } from '../../ingest/statement-files/columns.ts';
import { readRecords } from '../../ingest/statement-files/read-file.ts';

/** The currency of most rows, the first if there is a tie; null if the file names none. */
export async function mostUsedCurrency(file: string, columns: Columns): Promise<string | null> {
  const counts = new Map<string, number>();
  for await (const { record } of readRecords(file)) {
    const code = valueOf(columns, record, 'currency');
    if (isCurrency(code)) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  return first?.[0] ?? null;
}
