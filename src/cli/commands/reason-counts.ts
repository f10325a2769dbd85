/** Counts the rows of a statement by the reason why they are no expenses. */
import type { RejectedRow } from '../../ingest/statement-files/rejected-file.ts';

export type Reason = { reason: string; rows: number; firstLine: number };

const mostDescribed = 3;

export class ReasonCounts {
  readonly #reasons = new Map<string, Reason>();

  add({ reason, line }: RejectedRow): void {
    const known = this.#reasons.get(reason);
    if (known) known.rows += 1;
    else this.#reasons.set(reason, { reason, rows: 1, firstLine: line });
  }

  /** The most frequent ones first. */
  list(): Reason[] {
    return [...this.#reasons.values()].sort((a, b) => b.rows - a.rows);
  }

  totals(): Record<string, number> {
    return Object.fromEntries(this.list().map(({ reason, rows }) => [reason, rows]));
  }

  /** The first reasons as a sentence. */
  describe(): string {
    return this.list()
      .slice(0, mostDescribed)
      .map(
        ({ reason, rows, firstLine }) =>
          `${reason} (rows: ${rows.toLocaleString('en')}, first line ${firstLine})`,
      )
      .join('; ');
  }
}
