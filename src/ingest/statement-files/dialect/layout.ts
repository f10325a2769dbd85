/**
 * Finds how a file is cut into columns: its separator, its quotes and its header. It tries each separator on the
 * first records, and takes the one whose header names the most fields.
 */
import {
  type ColumnMap,
  columnIndex,
  columnNumber,
  locateColumns,
  noColumn,
  StatementError,
} from '../columns.ts';
import { isDateLike } from '../date-shapes.ts';
import { type Cut, type FileRecord, readRecords } from '../read-file.ts';
import type { StatementOptions } from '../options.ts';

export type Layout = Cut & {
  /** The numbers of the columns if the file has no header. */
  header: readonly string[];
  /** 0: the file has no header. */
  headerLine: number;
  /** Records that begin before this line are no rows. */
  rowsFrom: number;
};

const delimiters = [',', ';', '\t', '|'];
const quotes = ['"', "'"];
const sampleSize = 200;
const mostLinesBefore = 60;
/** A header names a date and an amount at least. */
const leastFields = 2;

export const delimiterName = (delimiter: string): string => (delimiter === '\t' ? 'tab' : delimiter);

type Sample = { cut: Cut; records: readonly FileRecord[] };

/** Throws `StatementError` if the file is empty, or the line named is no header. */
export async function findLayout(file: string, encoding: string, options: StatementOptions): Promise<Layout> {
  const samples: Sample[] = [];
  for (const quote of quotes)
    for (const delimiter of options.delimiter === undefined ? delimiters : [options.delimiter])
      samples.push(await readSample(file, { encoding, delimiter, quote }));
  if (samples.every(({ records }) => records.length === 0))
    throw new StatementError(`${file} is empty: its first line must name the columns`);
  return (
    saidLayout(file, samples, options) ??
    numberedLayout(samples, options.map) ??
    namedLayout(samples, options.map) ??
    // The map names a column that is nowhere. The error shows the columns that there are.
    namedLayout(samples, {}) ??
    likeliestLayout(file, samples)
  );
}

async function readSample(file: string, cut: Cut): Promise<Sample> {
  const records: FileRecord[] = [];
  try {
    for await (const each of readRecords(file, cut)) if (records.push(each) === sampleSize) break;
  } catch (error) {
    // The wrong quotes or separator may leave no CSV. With the right ones it is reported when the rows are read.
    if (!(error instanceof StatementError) || !/is not CSV/.test(error.message)) throw error;
  }
  return { cut, records };
}

const withHeader = ({ cut }: Sample, { record, line }: FileRecord): Layout => ({
  ...cut,
  header: record,
  headerLine: line,
  rowsFrom: line + 1,
});

const withoutHeader = ({ cut }: Sample, { record, line }: FileRecord): Layout => ({
  ...cut,
  header: record.map((_, index) => String(index + 1)),
  headerLine: 0,
  rowsFrom: line,
});

/** The layout with the header line that was said. */
function saidLayout(
  file: string,
  samples: readonly Sample[],
  { headerLine, map }: StatementOptions,
): Layout | null {
  if (headerLine === undefined) return null;
  if (headerLine === 0) {
    const sample = mostRegular(samples);
    const [first] = sample.records;
    return numberedLayout(samples, map) ?? (first ? withoutHeader(sample, first) : null);
  }
  const found = samples.flatMap((sample) => {
    const header = sample.records.find(({ line }) => line === headerLine);
    return header ? [{ sample, header, named: locateColumns(header.record, map).size }] : [];
  });
  const [best] = found.sort((a, b) => b.named - a.named || b.header.record.length - a.header.record.length);
  if (best) return withHeader(best.sample, best.header);
  throw new StatementError(
    `${file} has no line ${headerLine} among its first ${sampleSize} to be the header`,
  );
}

/** A column map of numbers alone is that of a file without a header. Its rows begin with the first date. */
function numberedLayout(samples: readonly Sample[], map: ColumnMap): Layout | null {
  const number = map.date === undefined ? null : columnNumber(map.date);
  const areNumbers = Object.values(map).every((name) => name === noColumn || columnNumber(name) !== null);
  if (number === null || !areNumbers) return null;
  const least = Math.max(...Object.values(map).map((name) => columnNumber(name) ?? 0));
  const isRow = ({ record }: FileRecord): boolean =>
    record.length >= least && isDateLike(record[number - 1] ?? '');
  const [best] = samples
    .map((sample) => ({ sample, rows: sample.records.filter(isRow) }))
    .sort((a, b) => b.rows.length - a.rows.length);
  const [first] = best?.rows ?? [];
  return best && first ? withoutHeader(best.sample, first) : null;
}

/** The layout whose header has the most of the fields, among those with all that the map names. */
function namedLayout(samples: readonly Sample[], map: ColumnMap): Layout | null {
  const said = Object.values(map).filter((name) => name !== noColumn);
  let best: { layout: Layout; fields: number } | null = null;
  for (const sample of samples)
    for (const header of sample.records.slice(0, mostLinesBefore)) {
      const fields = locateColumns(header.record, map).size;
      const hasAll = said.every((name) => columnIndex(header.record, name) >= 0);
      if (fields < leastFields || !hasAll || isNoHeader(header.record)) continue;
      if (fields > (best?.fields ?? 0)) best = { layout: withHeader(sample, header), fields };
    }
  return best?.layout ?? null;
}

/** A row, or a header whose quotes are still on it. */
const isNoHeader = (record: readonly string[]): boolean =>
  record.some(isDateLike) || record.every((cell) => /^'.*'$/.test(cell));

/** No line names the columns. The first of the usual length is the header, so that the error can show it. */
function likeliestLayout(file: string, samples: readonly Sample[]): Layout {
  const sample = mostRegular(samples);
  const length = usualLength(sample.records);
  const first = sample.records.find(({ record }) => record.length === length) ?? sample.records[0];
  if (!first) throw new StatementError(`${file} is empty: its first line must name the columns`);
  if (first.record.some(isDateLike))
    throw new StatementError(
      `${file} has no header: line ${first.line} is a row already (${first.record.join(delimiterName(sample.cut.delimiter))}). Say the columns by number: --map date=1,merchant=2,amount=3`,
    );
  return withHeader(sample, first);
}

function usualLength(records: readonly FileRecord[]): number {
  const counts = Map.groupBy(records, ({ record }) => record.length);
  const [most] = [...counts].sort(([a, rows], [b, others]) => others.length - rows.length || b - a);
  return most?.[0] ?? 0;
}

/** The separator that gives the most cells in records of one length. */
function mostRegular(samples: readonly Sample[]): Sample {
  const cells = ({ records }: Sample): number => {
    const length = usualLength(records);
    return (length - 1) * records.filter(({ record }) => record.length === length).length;
  };
  const [first, ...others] = samples;
  if (!first) throw new Error('no separator to try');
  return others.reduce((best, each) => (cells(each) > cells(best) ? each : best), first);
}
