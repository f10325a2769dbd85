/** Finds the main currency of a statement file. */
import { isCurrency } from '../../values/money.ts';
import { valueOf } from '../../ingest/statement-files/columns.ts';
import { readRows, type Statement } from '../../ingest/statement-files/statement.ts';

/** The currency of most rows, the first if there is a tie; null if the file names none. */
export async function mostUsedCurrency(statement: Statement): Promise<string | null> {
  const counts = new Map<string, number>();
  for await (const { record } of readRows(statement)) {
    const code = valueOf(statement.columns, record, 'currency');
    if (isCurrency(code)) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  return first?.[0] ?? null;
}
