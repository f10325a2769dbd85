/** Shows how a statement would be imported: its dialect, its columns, the first events and why rows are no expenses. */
import { valueOf } from '../../ingest/statement-files/columns.ts';
import type { PostedRow } from '../../ingest/statement-files/event-of-row.ts';
import type { Import, ImportCounts } from '../../ingest/statement-files/import-statement.ts';
import { delimiterName } from '../../ingest/statement-files/dialect/layout.ts';
import type { DirectionRule } from '../../ingest/statement-files/reading.ts';
import type { Statement } from '../../ingest/statement-files/statement.ts';
import type { Survey } from '../../ingest/statement-files/dialect/survey.ts';
import { type Reason, ReasonCounts } from './reason-counts.ts';

const mostShown = 5;

type Observer = Pick<Import, 'dry' | 'reject' | 'leaveOut' | 'show' | 'report' | 'signal'>;

export class DryRun {
  readonly #statement: Statement;
  readonly #survey: Survey;
  readonly #rejected = new ReasonCounts();
  readonly #leftOut = new ReasonCounts();
  readonly #first: PostedRow[] = [];
  /** Null if the file cannot be read in one way alone. */
  counts: ImportCounts | null = null;

  constructor(statement: Statement, survey: Survey) {
    this.#statement = statement;
    this.#survey = survey;
  }

  readonly observer: Observer = {
    dry: true,
    reject: async (row) => this.#rejected.add(row),
    leaveOut: (row) => this.#leftOut.add(row),
    show: (event) => {
      if (this.#first.length < mostShown) this.#first.push(event);
    },
    report: () => {},
    signal: new AbortController().signal,
  };

  toJSON(): Record<string, unknown> {
    const { file } = this.#statement;
    return {
      dryRun: true,
      file,
      dialect: this.#dialect(),
      columns: this.#columns(),
      ambiguous: this.#survey.questions,
      ...(this.counts && {
        rows: this.counts.rows,
        accepted: this.counts.accepted,
        rejected: this.#rejected.list(),
        leftOut: this.#leftOut.list(),
        first: this.#first,
      }),
    };
  }

  toText(): string {
    const lines = [...Object.entries(this.#dialect()), ...Object.entries(this.#columns())].map(
      ([name, value]) => `  ${name.padEnd(18)} ${String(value)}`,
    );
    return [
      `${this.#statement.file} would be read so; nothing is stored:`,
      ...lines,
      ...this.#outcome(),
    ].join('\n');
  }

  #outcome(): string[] {
    const { counts } = this;
    if (!counts) return ['It cannot be imported yet:', ...this.#survey.questions.map((each) => `  ${each}`)];
    const shown = ({ reason, rows, firstLine }: Reason): string =>
      `  ${reason} (rows: ${rows.toLocaleString('en')}, first line ${firstLine})`;
    const [accepted, rows] = [counts.accepted, counts.rows].map((count) => count.toLocaleString('en'));
    return [
      `${accepted} of ${rows} rows would be expenses; the first:`,
      ...this.#first.map(
        ({ data }) =>
          `  ${data.spentAt} ${data.amount} ${data.currency} ${data.userId} ${data.categoryId} ${data.merchant ?? data.description ?? ''}`,
      ),
      ...section('Left out:', this.#leftOut.list().map(shown)),
      ...section('Rejected:', this.#rejected.list().map(shown)),
    ];
  }

  #dialect(): Record<string, unknown> {
    const { layout } = this.#statement;
    const { reading } = this.#survey;
    return {
      encoding: layout.encoding,
      delimiter: delimiterName(layout.delimiter),
      headerLine: layout.headerLine,
      dates: reading.dates.join(', ') || 'not found',
      decimal: reading.decimal.sign ?? 'each amount for itself',
      spent: describeDirection(reading.direction),
      incoming: reading.incoming === 'paid' ? 'refunds from those paid in the file' : reading.incoming,
    };
  }

  /** The name of each field's column. */
  #columns(): Record<string, string> {
    const { columns } = this.#survey;
    const header = { header: columns.header, at: columns.at };
    return Object.fromEntries(
      [...columns.at.keys()].map((field) => [field, valueOf(header, columns.header, field)]),
    );
  }
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [title, ...lines] : [];

function describeDirection(rule: DirectionRule): string {
  if (rule.by === 'columns') return 'debit minus credit';
  return rule.by === 'sign' ? rule.spent : 'by the words for debit and credit';
}
