/** Makes a replay from a statement file: one month live, the earlier months as history, their medians as budgets. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { eventOfRow } from '../../ingest/statement-files/event-of-row.ts';
import type { StatementOptions } from '../../ingest/statement-files/options.ts';
import { createRowReader, type StatementRow } from '../../ingest/statement-files/read-row.ts';
import type { RejectedRow } from '../../ingest/statement-files/rejected-file.ts';
import { openStatement, readRows } from '../../ingest/statement-files/statement.ts';
import { StatementError } from '../../ingest/statement-files/columns.ts';
import { surveyStatement } from '../../ingest/statement-files/dialect/survey.ts';
import { medianRules } from './median-budgets.ts';
import { mostUsedCurrency } from './most-used-currency.ts';
import { type LiveStep, monthBounds, type PostedEvent, type Replay } from '../replay.ts';

export type ReplayOptions = StatementOptions & {
  file: string;
  /** `YYYY-MM`; null: the last month with rows. */
  live: string | null;
  timeZone: string | null;
};

export type StatementReplay = {
  replay: Replay;
  header: readonly string[];
  rejected: RejectedRow[];
  /** Rows dated after the live month, which are left out. */
  later: number;
};

const fallbackCurrency = 'USD';
const rowsPerRequest = 100;
const source = 'statement';
/** A replay by an earlier version gave the rows other ids, so this one needs a database of its own. */
const rowIdVersion = '2';

/** Throws `StatementError` if the file or an option cannot be used. */
export async function readStatement(options: ReplayOptions): Promise<StatementReplay> {
  const { file } = options;
  const statement = await openStatement(file, options);
  const currency = options.currency ?? (await mostUsedCurrency(statement)) ?? fallbackCurrency;
  const timeZone = options.timeZone ?? (currency === 'GBP' ? 'Europe/London' : 'UTC');
  const { columns, reading, questions } = await surveyStatement(statement, currency);
  if (questions.length > 0) throw new StatementError(`${file}: ${questions.join('; ')}`);
  const { key } = statement;
  const readRow = createRowReader({
    columns,
    reading,
    currency,
    timeZone,
    given: options,
    key,
    account: options.account ?? null,
  });
  const rows: StatementRow[] = [];
  const rejected: RejectedRow[] = [];
  for await (const { record, line } of readRows(statement)) {
    const read = readRow(record);
    if (read.ok) rows.push(read.row);
    else rejected.push({ record, line, reason: 'leftOut' in read ? read.leftOut : read.reason });
  }
  const live = liveMonth(rows, options.live, file);
  const replay = planReplay(rows, { file, live, currency, timeZone });
  const later = rows.filter(({ day }) => day.slice(0, 7) > live).length;
  return { replay, header: columns.header, rejected, later };
}

function liveMonth(rows: readonly StatementRow[], asked: string | null, file: string): string {
  const months = [...new Set(rows.map(({ day }) => day.slice(0, 7)))].sort();
  const [first, last] = [months[0], months.at(-1)];
  if (first === undefined || last === undefined)
    throw new StatementError(`${file} has no row that can be used: check the columns with --map`);
  if (asked === null) return last;
  if (months.includes(asked)) return asked;
  throw new StatementError(`--live ${asked}: no rows in that month; they go from ${first} to ${last}`);
}

type Plan = { file: string; live: string; currency: string; timeZone: string };

function planReplay(rows: readonly StatementRow[], { file, live, currency, timeZone }: Plan): Replay {
  const name = path.basename(file).replace(/\.csv(\.gz)?$/i, '');
  const { start, end } = monthBounds(live, timeZone);
  const history = rows.filter(({ day }) => day.slice(0, 7) < live);
  const during = rows.filter(({ day }) => day.slice(0, 7) === live).sort(bySpentAt);
  return {
    key: `${slug(name)}-${live}-${digest([name, live, currency, timeZone, rowIdVersion])}`,
    tenant: { name, timezone: timeZone, currency },
    people: [],
    categories: [],
    start,
    end,
    history: toEvents(history),
    historyCount: history.length,
    rules: medianRules(history, currency),
    steps: liveSteps(during),
  };
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40);

const digest = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 6);

function* toEvents(rows: readonly StatementRow[]): Generator<PostedEvent> {
  for (const row of rows) yield eventOf(row);
}

/** Rows with the same time stay in the file's order. */
const bySpentAt = (a: StatementRow, b: StatementRow): number =>
  Temporal.Instant.compare(a.spentAt, b.spentAt);

/** Each row is posted when the clock shows the time of its spending. */
function liveSteps(rows: readonly StatementRow[]): LiveStep[] {
  const steps: { at: Temporal.Instant; events: PostedEvent[] }[] = [];
  for (const row of rows) {
    const at = row.spentAt;
    const step = steps.at(-1);
    if (step && step.at.equals(at) && step.events.length < rowsPerRequest) step.events.push(eventOf(row));
    else steps.push({ at, events: [eventOf(row)] });
  }
  return steps;
}

const eventOf = (row: StatementRow): PostedEvent => eventOfRow(row, source, row.spentAt);
